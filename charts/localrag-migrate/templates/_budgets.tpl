{{/* Seconds that one attempt may take before it exits by itself: the wait, a lock in each database, tables' locks, one statement. */}}
{{- define "localrag-migrate.trySeconds" -}}
{{- $timeouts := .values.timeouts -}}
{{- $wait := include "localrag-migrate.milliseconds" $timeouts.wait | int64 -}}
{{- $lock := include "localrag-migrate.milliseconds" $timeouts.lock | int64 -}}
{{- $tables := include "localrag-migrate.milliseconds" $timeouts.ddlLockRetryFor | int64 -}}
{{- $statement := include "localrag-migrate.milliseconds" $timeouts.statement | int64 -}}
{{- $locks := eq .values.scope "both" | ternary 2 1 -}}
{{- divf (add $wait (mul $locks $lock) $tables $statement) 1000 | ceil | int64 -}}
{{- end -}}

{{/* The contradictions in the Job's settings, one sentence a line, as in `localrag-migrate.problems`. */}}
{{- define "localrag-migrate.jobProblems" -}}
{{- $needed := include "localrag-migrate.trySeconds" . | int64 }}
{{- $ttl := include "localrag-migrate.hasTtl" . }}
{{- $quits := eq .values.mesh.mode "quit" }}
{{- $grace := divf (include "localrag-migrate.milliseconds" .values.timeouts.shutdownGrace | int64) 1000 | ceil | int64 }}
{{- /* As long as the program waits for a sidecar's answer. */}}
{{- $grace = $quits | ternary 5 0 | add $grace }}
{{- with .values }}
{{- if not .enabled }}
enabled is false, but the parent chart does not act on it: give the dependency in its Chart.yaml a `condition`, such as <alias>.enabled
{{- end }}
{{- if and (ne .mode "initContainer") (le (int64 .job.activeDeadlineSeconds) $needed) }}
job.activeDeadlineSeconds is {{ int64 .job.activeDeadlineSeconds }}, but one attempt may take {{ $needed }} s (timeouts.wait {{ .timeouts.wait }}, timeouts.lock {{ .timeouts.lock }}{{ eq .scope "both" | ternary " twice" "" }}, timeouts.ddlLockRetryFor {{ .timeouts.ddlLockRetryFor }}, timeouts.statement {{ .timeouts.statement }}) and would be killed in the middle: set it higher than {{ $needed }}
{{- end }}
{{- if le (int64 .terminationGracePeriodSeconds) $grace }}
terminationGracePeriodSeconds is {{ int64 .terminationGracePeriodSeconds }}, but stopping cleanly may take timeouts.shutdownGrace {{ .timeouts.shutdownGrace }}{{ $quits | ternary " and 5 s for the sidecar" "" }}: set it higher than {{ $grace }}
{{- end }}
{{- if and .argocd.enabled (has .mode (list "hook" "fleet")) (not .cronJob.enabled) }}
cronJob.enabled is false, but Argo CD never syncs an application by itself that has hooks alone: leave the CronJob enabled, its image is what changes
{{- end }}
{{- if and .argocd.enabled $ttl }}
job.ttlSecondsAfterFinished is set, but Argo CD waits forever for a hook that deletes itself: leave it empty where argocd.enabled is true
{{- end }}
{{- end }}
{{- include "localrag-migrate.fleetProblems" . }}
{{- end -}}
