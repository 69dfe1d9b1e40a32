{{/* Milliseconds of 500ms, 90s, 5m, 2h or 0; takes the text, not the usual dict. */}}
{{- define "localrag-migrate.milliseconds" -}}
{{- $text := toString . -}}
{{- $unit := regexFind "[a-z]+$" $text | default "ms" -}}
{{- mul (regexFind "^[0-9]+" $text | int64) (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000) $unit) -}}
{{- end -}}

{{/* The contradictions in the databases' settings, one sentence a line, each with its fix. */}}
{{- define "localrag-migrate.problems" -}}
{{- $values := .values }}
{{- $fleet := include "localrag-migrate.isFleet" . }}
{{- if and (not $fleet) (include "localrag-migrate.inScope" (merge (dict "database" "postgres") .)) }}
{{- with $values.postgres }}
{{- $url := include "localrag-migrate.hasUrl" . }}
{{- if and .url .host }}
postgres.url and postgres.host are both set: keep one of them
{{- end }}
{{- $elsewhere := include "localrag-migrate.fromElsewhere" (merge (dict "variables" (list "DATABASE_URL" "POSTGRES_HOST" "PGHOST")) $) }}
{{- if not (or $url $elsewhere (include "localrag-migrate.hasAddress" .)) }}
PostgreSQL is not configured: set postgres.host, postgres.url, or postgres.existingSecret with postgres.keys.url or postgres.keys.host. If the settings come from elsewhere, name them in extraEnv (DATABASE_URL_FILE, POSTGRES_HOST, …) or extraEnvFrom. scope=neo4j leaves PostgreSQL out
{{- end }}
{{- if and .existingSecret (or .url .password) }}
postgres.existingSecret is set beside postgres.{{ empty .url | ternary "password" "url" }}: keep one of them
{{- end }}
{{- with .tls }}
{{- if and (eq .mode "verify-ca") (not (and (or .existingSecret .existingConfigMap) .keys.ca)) }}
postgres.tls.mode verify-ca needs a root certificate: set postgres.tls.existingSecret or postgres.tls.existingConfigMap, or use verify-full
{{- end }}
{{- if ne (empty .keys.cert) (empty .keys.key) }}
postgres.tls.keys.cert and postgres.tls.keys.key belong together: set both or neither
{{- end }}
{{- if and .keys.cert (not .existingSecret) }}
postgres.tls.keys.cert names a key of no Secret: set postgres.tls.existingSecret
{{- end }}
{{- if and .existingConfigMap (not .keys.ca) }}
postgres.tls.existingConfigMap is set, but postgres.tls.keys.ca names no key of it
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (not $fleet) (include "localrag-migrate.inScope" (merge (dict "database" "neo4j") .)) }}
{{- with $values.neo4j }}
{{- if not (or (include "localrag-migrate.fromElsewhere" (merge (dict "variables" (list "NEO4J_URI")) $)) (include "localrag-migrate.hasAddress" .)) }}
Neo4j is not configured: set neo4j.uri, or neo4j.existingSecret with neo4j.keys.uri. If the settings come from elsewhere, name them in extraEnv (NEO4J_URI, …) or extraEnvFrom. scope=postgres leaves Neo4j out
{{- end }}
{{- if and .existingSecret .password }}
neo4j.existingSecret is set beside neo4j.password: keep one of them
{{- end }}
{{- if not (or .password .existingSecret (empty .keys.password) (include "localrag-migrate.fromElsewhere" (merge (dict "variables" (list "NEO4J_PASSWORD")) $))) }}
Neo4j has no password: set neo4j.existingSecret (its key is neo4j.keys.password), or neo4j.password. If the password comes from elsewhere (Vault, CSI), name it in extraEnv (NEO4J_PASSWORD_FILE) or extraEnvFrom
{{- end }}
{{- if and (or .tls.existingSecret .tls.existingConfigMap) .uri (not (regexMatch "^(bolt|neo4j)\\+s://" .uri)) }}
neo4j.tls has a root certificate, but neo4j.uri does not verify the server: use neo4j+s:// or bolt+s://
{{- end }}
{{- end }}
{{- end }}
{{- with $values.redis }}
{{- if and .url .host }}
redis.url and redis.host are both set: keep one of them
{{- end }}
{{- if and .existingSecret (or .url .password) }}
redis.existingSecret is set beside redis.{{ empty .url | ternary "password" "url" }}: keep one of them
{{- end }}
{{- if and .existingSecret (not .host) (not .keys.url) }}
redis.existingSecret is set, but neither redis.host nor redis.keys.url says where Redis is
{{- end }}
{{- if and .password (not .host) }}
redis.password is set, but not redis.host
{{- end }}
{{- end }}
{{- if and $values.migrations.inline $values.migrations.existingConfigMap }}
migrations.inline and migrations.existingConfigMap are both set: keep one of them
{{- end }}
{{- end -}}

{{/* Renders nothing, or ends with every problem at once. Further key, may be left out: problems, more of them. */}}
{{- define "localrag-migrate.refuse" -}}
{{- $problems := printf "%s\n%s" (include "localrag-migrate.problems" .) (.problems | default "") | splitList "\n" -}}
{{- $found := list -}}
{{- range $problems }}{{ with trim . }}{{ $found = append $found . }}{{ end }}{{ end -}}
{{- with $found }}
{{- fail (printf "\nlocalrag-migrate cannot run with these values:\n- %s\n" (join "\n- " .)) }}
{{- end -}}
{{- end -}}
