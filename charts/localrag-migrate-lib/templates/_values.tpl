{{/*
The settings with their templates evaluated, as JSON; takes a list of the root and the settings. `.Release` and
`.Values.global` are the same in the chart and in its parent's pods, other values are not.
*/}}
{{- define "localrag-migrate.values" -}}
{{- (include "localrag-migrate.evaluate" . | fromJson).value | toJson -}}
{{- end -}}

{{/*
Any value with the templates in its strings evaluated, as JSON `{"value": …}`. Left as they are: secrets, because an error would
print them; migrations; and annotations, because other programs have templates there that look the same.
*/}}
{{- define "localrag-migrate.evaluate" -}}
{{- $root := first . -}}
{{- $value := last . -}}
{{- if kindIs "map" $value }}
{{- $evaluated := dict }}
{{- range $key, $inner := $value }}
{{- if has $key (list "url" "password" "inline" "annotations" "podAnnotations" "commonAnnotations" "extraObjects" "global") }}
{{- $_ := set $evaluated $key $inner }}
{{- else }}
{{- $_ := set $evaluated $key (include "localrag-migrate.evaluate" (list $root $inner) | fromJson).value }}
{{- end }}
{{- end }}
{{- $value = $evaluated }}
{{- else if kindIs "slice" $value }}
{{- $evaluated := list }}
{{- range $value }}
{{- $evaluated = append $evaluated (include "localrag-migrate.evaluate" (list $root .) | fromJson).value }}
{{- end }}
{{- $value = $evaluated }}
{{- /* Not `kindIs`: Helm 3 has numbers that are strings to it. */}}
{{- else if and (typeIs "string" $value) (contains "{{" $value) }}
{{- $value = tpl $value $root }}
{{- end }}
{{- dict "value" $value | toJson -}}
{{- end -}}

{{/* A setting that parent charts share among all their charts, as JSON `{"value": …}`; takes the root and its name as a list. */}}
{{- define "localrag-migrate.global" -}}
{{- $global := (first .).Values.global | default dict -}}
{{- include "localrag-migrate.evaluate" (list (first .) (get $global (last .))) -}}
{{- end -}}
