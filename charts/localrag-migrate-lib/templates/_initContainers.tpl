{{/*
For the pods of an application: waits until the databases hold every migration of this image. It asks the databases and
not for a Job, which may be gone. The pod also needs `localrag-migrate.volumes`.
*/}}
{{- define "localrag-migrate.initContainer.wait" -}}
{{- include "localrag-migrate.initContainer" (merge (dict "name" "migrate-wait" "command" "wait") .) -}}
{{- end -}}

{{/* For the pods of an application if no Job may run: one of its replicas migrates, the others wait for the lock. */}}
{{- define "localrag-migrate.initContainer.migrate" -}}
{{- include "localrag-migrate.initContainer" (merge (dict "name" "migrate" "command" "migrate") .) -}}
{{- end -}}

{{- define "localrag-migrate.initContainer" -}}
{{- $migrate := set (omit . "values") "values" (include "localrag-migrate.values" (list .root .values) | fromJson) -}}
{{- include "localrag-migrate.refuse" (merge (dict "problems" (include "localrag-migrate.initContainerProblems" $migrate)) $migrate) -}}
{{- include "localrag-migrate.container" $migrate -}}
{{- end -}}

{{- define "localrag-migrate.initContainerProblems" -}}
{{- if include "localrag-migrate.isFleet" . }}
an init container migrates one pair of databases, and mode fleet has many: give the application's pods settings of their own, or none
{{- end }}
{{- $own := or .values.migrations.inline (include "localrag-migrate.secretData" .) }}
{{- $named := or .alias .values.nameOverride .values.fullnameOverride (hasKey .root.Values "localrag-migrate") }}
{{- if and $own (not $named) }}
the names of the Secret and the ConfigMap follow the dependency's alias: add "alias" to the dict that the init container and the volumes are made from, as in examples/umbrella
{{- end }}
{{- end -}}
