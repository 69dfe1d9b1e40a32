{{/* The secrets that stand in the values, for a Secret's data; empty where there are none. */}}
{{- define "localrag-migrate.secretData" -}}
{{- $own := include "localrag-migrate.objectName" . -}}
{{- $data := dict -}}
{{- range (include "localrag-migrate.secretFiles" . | fromJson).files }}
{{- if eq .secret $own }}
{{- $part := splitList "-" .path }}
{{- $_ := set $data .path (get (get $.values (first $part)) (last $part) | b64enc) }}
{{- end }}
{{- end }}
{{- with $data }}{{ toYaml . }}{{ end -}}
{{- end -}}
