{{/* Where secrets are mounted: as files, which unlike variables show in no `kubectl describe` and no crash dump. */}}
{{- define "localrag-migrate.secretsPath" -}}/run/secrets/localrag-migrate{{- end -}}

{{/* Where the tenants' settings are mounted. */}}
{{- define "localrag-migrate.tenantsPath" -}}/run/secrets/localrag-migrate-tenants{{- end -}}

{{/*
The secrets as JSON, `{"files": [{variable, path, secret, key}, …]}`: the variable of the program that names the file, its path
in the mounted directory, and the Secret and key that it comes from. A URL says everything, so the password beside it
is not looked for.
*/}}
{{- define "localrag-migrate.secretFiles" -}}
{{- $fleet := include "localrag-migrate.isFleet" . -}}
{{- $own := include "localrag-migrate.objectName" . -}}
{{- $files := list -}}
{{- range $database, $secrets := dict
  "postgres" (list (list "url" "DATABASE_URL") (list "password" "POSTGRES_PASSWORD"))
  "neo4j" (list (list "password" "NEO4J_PASSWORD"))
  "redis" (list (list "url" "REDIS_URL") (list "password" "REDIS_PASSWORD"))
}}
{{- $settings := get $.values $database }}
{{- $url := include "localrag-migrate.hasUrl" $settings }}
{{- if and (not $fleet) (include "localrag-migrate.inScope" (merge (dict "database" $database) $)) }}
{{- range $secrets }}
{{- $setting := first . }}
{{- $file := dict "variable" (last .) "path" (printf "%s-%s" $database $setting) }}
{{- $key := get $settings.keys $setting }}
{{- if and $url (eq $setting "password") }}
{{- else if and $settings.existingSecret $key }}
{{- $files = append $files (merge $file (dict "secret" $settings.existingSecret "key" $key)) }}
{{- else if get $settings $setting }}
{{- $files = append $files (merge $file (dict "secret" $own "key" $file.path)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- dict "files" $files | toJson -}}
{{- end -}}

{{/* Whether a database's settings come as one URL; takes its settings, not the usual dict. */}}
{{- define "localrag-migrate.hasUrl" -}}
{{- if or .url (and .existingSecret (get .keys "url")) }}true{{ end -}}
{{- end -}}

{{/* One variable from a key of existingSecret or from the values; nothing where neither says it. Further keys: database, setting, variable. */}}
{{- define "localrag-migrate.variable" -}}
{{- $settings := get .values .database -}}
{{- $key := get $settings.keys .setting -}}
{{- $value := get $settings .setting | toString -}}
{{- if and $settings.existingSecret $key }}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $settings.existingSecret | quote }}
      key: {{ $key | quote }}
{{- else if $value }}
- name: {{ .variable }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Everything that the program is told about the databases. */}}
{{- define "localrag-migrate.connection" -}}
{{- range (include "localrag-migrate.secretFiles" . | fromJson).files }}
- name: {{ .variable }}_FILE
  value: {{ include "localrag-migrate.secretsPath" $ }}/{{ .path }}
{{- end }}
{{- if include "localrag-migrate.isFleet" . }}
- name: TENANTS_DIR
  value: {{ include "localrag-migrate.tenantsPath" . }}
{{- else }}
{{- range list
  (list "postgres" "host" "POSTGRES_HOST")
  (list "postgres" "port" "POSTGRES_PORT")
  (list "postgres" "database" "POSTGRES_DB")
  (list "postgres" "user" "POSTGRES_USER")
  (list "neo4j" "uri" "NEO4J_URI")
  (list "neo4j" "user" "NEO4J_USER")
  (list "neo4j" "database" "NEO4J_DATABASE")
  (list "redis" "host" "REDIS_HOST")
  (list "redis" "port" "REDIS_PORT")
  (list "redis" "database" "REDIS_DB")
}}
{{- $variable := merge (dict "database" (index . 0) "setting" (index . 1) "variable" (index . 2)) $ }}
{{- $settings := get $.values (index . 0) }}
{{- if and (include "localrag-migrate.inScope" $variable) (not (include "localrag-migrate.hasUrl" $settings)) }}
{{- if or (ne (index . 0) "redis") $settings.host }}
{{- include "localrag-migrate.variable" $variable }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if include "localrag-migrate.inScope" (merge (dict "database" "postgres") .) }}
{{- $tls := .values.postgres.tls }}
{{- with $tls.mode }}
- name: POSTGRES_SSLMODE
  value: {{ . }}
{{- end }}
{{- range (include "localrag-migrate.certificateFiles" . | fromJson).files }}
- name: {{ .variable }}
  value: {{ include "localrag-migrate.secretsPath" $ }}/{{ .path }}
{{- end }}
{{- end }}
{{- end -}}

{{/* PostgreSQL's certificates, as `secretFiles` has the secrets; `configMap` in place of `secret` for root certificates. */}}
{{- define "localrag-migrate.certificateFiles" -}}
{{- $tls := .values.postgres.tls -}}
{{- $files := list -}}
{{- if $tls.existingConfigMap }}
{{- $files = append $files (dict "variable" "POSTGRES_SSLROOTCERT" "path" "postgres-tls/ca.crt" "configMap" $tls.existingConfigMap "key" $tls.keys.ca) }}
{{- else if and $tls.existingSecret $tls.keys.ca }}
{{- $files = append $files (dict "variable" "POSTGRES_SSLROOTCERT" "path" "postgres-tls/ca.crt" "secret" $tls.existingSecret "key" $tls.keys.ca) }}
{{- end }}
{{- if and $tls.existingSecret $tls.keys.cert }}
{{- $files = append $files (dict "variable" "POSTGRES_SSLCERT" "path" "postgres-tls/tls.crt" "secret" $tls.existingSecret "key" $tls.keys.cert) }}
{{- end }}
{{- if and $tls.existingSecret $tls.keys.key }}
{{- $files = append $files (dict "variable" "POSTGRES_SSLKEY" "path" "postgres-tls/tls.key" "secret" $tls.existingSecret "key" $tls.keys.key) }}
{{- end }}
{{- dict "files" $files | toJson -}}
{{- end -}}

{{/* Everything that is mounted as a file, secrets and certificates. */}}
{{- define "localrag-migrate.mountedFiles" -}}
{{- $files := (include "localrag-migrate.secretFiles" . | fromJson).files -}}
{{- if include "localrag-migrate.inScope" (merge (dict "database" "postgres") .) }}
{{- $files = concat $files (include "localrag-migrate.certificateFiles" . | fromJson).files }}
{{- end }}
{{- dict "files" $files | toJson -}}
{{- end -}}
