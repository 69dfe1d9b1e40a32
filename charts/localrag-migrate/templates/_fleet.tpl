{{/* The contradictions in the settings of many tenants, one sentence a line, as in `localrag-migrate.problems`. */}}
{{- define "localrag-migrate.fleetProblems" -}}
{{- $values := .values }}
{{- with .values.fleet }}
{{- if ne $values.mode "fleet" }}
{{- if or .existingSecret .tenants }}
fleet.{{ empty .tenants | ternary "existingSecret" "tenants" }} is set, but mode is {{ $values.mode }}: set mode to fleet
{{- end }}
{{- else }}
{{- if not .existingSecret }}
mode fleet needs fleet.existingSecret, with one settings file for each tenant
{{- end }}
{{- if not .tenants }}
mode fleet needs fleet.tenants, the keys of fleet.existingSecret
{{- else if gt (int .canary) (len .tenants) }}
fleet.canary is {{ .canary }}, but there are only {{ len .tenants }} tenants
{{- end }}
{{- with $values.networkPolicy }}
{{- if and .enabled (not .ports) (not .extraEgress) }}
networkPolicy.ports is empty, but in mode fleet each tenant's file says where its databases are: list their ports, such as [5432, 7687]
{{- end }}
{{- end }}
{{- range $database := list "postgres" "neo4j" }}
{{- range $setting := list "host" "url" "uri" "password" "existingSecret" }}
{{- if get (get $values $database) $setting }}
{{ $database }}.{{ $setting }} is set, but in mode fleet each tenant's file says where its databases are: leave it empty
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
