{{/* Where secrets are mounted: as files, which unlike variables show in no `kubectl describe` and no crash dump. */}}
{{- define "localrag-migrate.secretsPath" -}}/run/secrets/localrag-migrate{{- end -}}

{{/* Where the tenants' settings are mounted. */}}
{{- define "localrag-migrate.tenantsPath" -}}/run/secrets/localrag-migrate-tenants{{- end -}}

{{/*
The secrets as JSON, `{"files": [{variable, path, secret, key}, …]}`: the variable of the program that names the file, its path
in the mounted directory, and the Secret and key that it comes from. A URL has everything, so the password beside it
is not used.
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

{{/* Not empty if a database's settings come as one URL. Takes its settings, not the usual dict. */}}
{{- define "localrag-migrate.hasUrl" -}}
{{- if or .url (and .existingSecret (get .keys "url")) }}true{{ end -}}
{{- end -}}

{{/*
Not empty if the chart's settings of a database say where it is, other than by a URL. If not, its variables come from elsewhere
(extraEnv, extraEnvFrom), all of them: a default beside them could contradict them. Takes its settings, not the usual dict.
*/}}
{{- define "localrag-migrate.hasAddress" -}}
{{- $secret := and .existingSecret (or (get .keys "host") (get .keys "uri")) -}}
{{- if and (not (include "localrag-migrate.hasUrl" .)) (or .host .uri $secret) }}true{{ end -}}
{{- end -}}

{{/*
Not empty if one of these variables, or the file of one, may come from extraEnv or extraEnvFrom. Further key: variables.
*/}}
{{- define "localrag-migrate.fromElsewhere" -}}
{{- $found := not (empty .values.extraEnvFrom) -}}
{{- range .values.extraEnv }}
{{- $found = or $found (has (trimSuffix "_FILE" .name) $.variables) }}
{{- end }}
{{- if $found }}true{{ end -}}
{{- end -}}

{{/* One variable from a key of existingSecret or from the values; nothing if neither has it. Further keys: database, setting, variable. */}}
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

{{/* The variables with the databases' settings. */}}
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
{{- if and (include "localrag-migrate.inScope" $variable) (include "localrag-migrate.hasAddress" $settings) }}
{{- include "localrag-migrate.variable" $variable }}
{{- end }}
{{- end }}
{{- end }}
{{- if include "localrag-migrate.inScope" (merge (dict "database" "postgres") .) }}
{{- with .values.postgres.tls.mode }}
- name: POSTGRES_SSLMODE
  value: {{ . }}
{{- end }}
{{- end }}
{{- range (include "localrag-migrate.certificateFiles" . | fromJson).files }}
- name: {{ .variable }}
  value: {{ include "localrag-migrate.secretsPath" $ }}/{{ .path }}
{{- end }}
{{- end -}}

{{/*
The certificates of the databases in scope, as `secretFiles` has the secrets; root certificates may come from a ConfigMap, and then have
`configMap` instead of `secret`. Neo4j's driver trusts the authorities of Node, and Node takes a private one from this variable.
*/}}
{{- define "localrag-migrate.certificateFiles" -}}
{{- $files := list -}}
{{- range list
  (list "postgres" "ca" "POSTGRES_SSLROOTCERT" "ca.crt")
  (list "postgres" "cert" "POSTGRES_SSLCERT" "tls.crt")
  (list "postgres" "key" "POSTGRES_SSLKEY" "tls.key")
  (list "neo4j" "ca" "NODE_EXTRA_CA_CERTS" "ca.crt")
}}
{{- $database := index . 0 }}
{{- $tls := (get $.values $database).tls }}
{{- $key := get $tls.keys (index . 1) }}
{{- $file := dict "variable" (index . 2) "path" (printf "%s-tls/%s" $database (index . 3)) "key" $key }}
{{- if and $key (include "localrag-migrate.inScope" (merge (dict "database" $database) $)) }}
{{- if and (eq (index . 1) "ca") $tls.existingConfigMap }}
{{- $files = append $files (merge $file (dict "configMap" $tls.existingConfigMap)) }}
{{- else if $tls.existingSecret }}
{{- $files = append $files (merge $file (dict "secret" $tls.existingSecret)) }}
{{- end }}
{{- end }}
{{- end }}
{{- dict "files" $files | toJson -}}
{{- end -}}

{{/* Everything that is mounted as a file, secrets and certificates. */}}
{{- define "localrag-migrate.mountedFiles" -}}
{{- $secrets := (include "localrag-migrate.secretFiles" . | fromJson).files -}}
{{- $certificates := (include "localrag-migrate.certificateFiles" . | fromJson).files -}}
{{- dict "files" (concat $secrets $certificates) | toJson -}}
{{- end -}}
