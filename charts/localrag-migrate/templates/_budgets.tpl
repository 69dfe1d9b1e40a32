{{/* Seconds that one try may take before it ends by itself: the wait, a lock in each database, tables' locks, one statement. */}}
{{- define "localrag-migrate.trySeconds" -}}
{{- $timeouts := .values.timeouts -}}
{{- $wait := include "localrag-migrate.milliseconds" $timeouts.wait | int64 -}}
{{- $lock := include "localrag-migrate.milliseconds" $timeouts.lock | int64 -}}
{{- $tables := include "localrag-migrate.milliseconds" $timeouts.ddlLockRetryFor | int64 -}}
{{- $statement := include "localrag-migrate.milliseconds" $timeouts.statement | int64 -}}
{{- $locks := eq .values.scope "both" | ternary 2 1 -}}
{{- divf (add $wait (mul $locks $lock) $tables $statement) 1000 | ceil | int64 -}}
{{- end -}}

{{/* What cannot be right about the Job, one sentence a line, as in `localrag-migrate.problems`. */}}
{{- define "localrag-migrate.jobProblems" -}}
{{- $needed := include "localrag-migrate.trySeconds" . | int64 }}
{{- $quits := eq .values.mesh.mode "quit" }}
{{- $grace := divf (include "localrag-migrate.milliseconds" .values.timeouts.shutdownGrace | int64) 1000 | ceil | int64 }}
{{- /* As long as the program waits for a sidecar's answer. */}}
{{- $grace = $quits | ternary 5 0 | add $grace }}
{{- with .values }}
{{- if and (ne .mode "none") (le (int64 .job.activeDeadlineSeconds) $needed) }}
job.activeDeadlineSeconds is {{ int64 .job.activeDeadlineSeconds }}, but one try may take {{ $needed }} s (timeouts.wait {{ .timeouts.wait }}, timeouts.lock {{ .timeouts.lock }}{{ eq .scope "both" | ternary " twice" "" }}, timeouts.ddlLockRetryFor {{ .timeouts.ddlLockRetryFor }}, timeouts.statement {{ .timeouts.statement }}) and would be killed at work: set it higher than {{ $needed }}
{{- end }}
{{- if le (int64 .terminationGracePeriodSeconds) $grace }}
terminationGracePeriodSeconds is {{ int64 .terminationGracePeriodSeconds }}, but stopping cleanly may take timeouts.shutdownGrace {{ .timeouts.shutdownGrace }}{{ $quits | ternary " and 5 s for the sidecar" "" }}: set it higher than {{ $grace }}
{{- end }}
{{- if eq .mode "fleet" }}
{{- if not .fleet.existingSecret }}
mode fleet needs fleet.existingSecret, with one settings file for each tenant
{{- end }}
{{- if not .fleet.tenants }}
mode fleet needs fleet.tenants, the keys of fleet.existingSecret
{{- else if gt (int .fleet.canary) (len .fleet.tenants) }}
fleet.canary is {{ .fleet.canary }}, but there are only {{ len .fleet.tenants }} tenants
{{- end }}
{{- range list (list "postgres.host" .postgres.host) (list "postgres.url" .postgres.url) (list "postgres.password" .postgres.password) (list "postgres.existingSecret" .postgres.existingSecret) (list "neo4j.uri" .neo4j.uri) (list "neo4j.password" .neo4j.password) (list "neo4j.existingSecret" .neo4j.existingSecret) }}
{{- if last . }}
{{ first . }} is set, but in mode fleet each tenant's file says where its databases are: leave it empty
{{- end }}
{{- end }}
{{- else if or .fleet.existingSecret .fleet.tenants }}
fleet.{{ empty .fleet.tenants | ternary "existingSecret" "tenants" }} is set, but mode is {{ .mode }}: set mode to fleet
{{- end }}
{{- if and .argocd.enabled .job.ttlSecondsAfterFinished }}
job.ttlSecondsAfterFinished is set, but Argo CD waits for ever for a hook that deletes itself: leave it empty where argocd.enabled is true
{{- end }}
{{- end }}
{{- end -}}
