{{/* The port in a URL; takes the URL and the port for one that names none, as a list. Never fails: that would print the URL. */}}
{{- define "localrag-migrate.portOf" -}}
{{- $authority := first . | regexFind "://[^/?#]*" -}}
{{- regexFind ":[0-9]+$" $authority | trimPrefix ":" | default (last .) -}}
{{- end -}}

{{/*
The ports of the databases, as JSON: those that the network policy names, else those of the databases in scope. A URL that comes
from a Secret is taken to name the usual one. Of a fleet only the tenants' files know them.
*/}}
{{- define "localrag-migrate.databasePorts" -}}
{{- $ports := list -}}
{{- if .values.networkPolicy.ports }}
{{- range .values.networkPolicy.ports }}
{{- $ports = append $ports (int .) }}
{{- end }}
{{- else if not (include "localrag-migrate.isFleet" .) }}
{{- with .values.postgres }}
{{- if include "localrag-migrate.inScope" (merge (dict "database" "postgres") $) }}
{{- $ports = append $ports (include "localrag-migrate.portOf" (list .url .port) | int) }}
{{- end }}
{{- end }}
{{- with .values.neo4j }}
{{- if include "localrag-migrate.inScope" (merge (dict "database" "neo4j") $) }}
{{- $ports = append $ports (include "localrag-migrate.portOf" (list .uri 7687) | int) }}
{{- end }}
{{- end }}
{{- end }}
{{- $ports | uniq | toJson -}}
{{- end -}}
