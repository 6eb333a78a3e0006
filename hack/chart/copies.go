// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// generated are the chart's folders that hold nothing but copies.
var generated = []string{
	chart + "/templates/crds", chart + "/templates/rbac", chart + "/templates/admission", chart + "/files/monitoring",
}

// namespace is where config installs; a release has its own.
const namespace = "werkplek-system"

const note = "{{- /* Written by make generate from %s: change it there. */}}\n"

// copies makes the chart's files of those of config, by their paths from the root.
func copies(root string) (map[string]string, error) {
	made := map[string]string{}
	for _, part := range []struct {
		from, to string
		template func(string) (string, error)
	}{
		{"config/crd/bases", "crds", crds},
		{"config/rbac", "rbac", roles},
		{"config/admission", "admission", policies},
	} {
		files, err := read(filepath.Join(root, part.from))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s holds no files", part.from)
		}
		for name, content := range files {
			if name == "kustomization.yaml" || part.from == "config/rbac" && name == "namespace.yaml" {
				continue // helm makes the namespace
			}
			template, err := part.template(content)
			if err != nil {
				return nil, fmt.Errorf("%s/%s: %w", part.from, name, err)
			}
			made[path.Join(chart, "templates", part.to, name)] = fmt.Sprintf(note, part.from+"/"+name) + template
		}
	}
	return made, monitoring(root, made)
}

// monitoring adds rules and dashboards, which stay as they are: the chart loads them.
func monitoring(root string, made map[string]string) error {
	files, err := read(filepath.Join(root, "config", "monitoring"))
	if err != nil {
		return err
	}
	for name, content := range files {
		if strings.HasPrefix(name, "rules/") || path.Ext(name) == ".json" {
			made[path.Join(chart, "files", "monitoring", name)] = content
		}
	}
	return nil
}

func crds(content string) (string, error) {
	template, err := each(content, kept)
	return "{{- if .Values.crds.enabled }}\n" + template + "{{- end }}\n", err
}

func policies(content string) (string, error) {
	return each(content, func(document string) (string, error) {
		document, err := kept(document)
		const holds = "  finalizers: [werkplek.dev/records]\n"
		return strings.Replace(document, holds, "  {{- if .Values.crds.keep }}\n"+holds+"  {{- end }}\n", 1), err
	})
}

// kept lets a document outlive the release, unless its values say otherwise.
func kept(document string) (string, error) {
	const inherited = "  annotations:\n"
	const own = inherited + "    {{- include \"werkplek.keep\" . | nindent 4 }}\n"
	if before, after, found := strings.Cut(document, inherited); found {
		return before + own + after, nil
	}
	before, after, found := strings.Cut(document, "\nmetadata:\n")
	if !found {
		return "", errors.New("it has no metadata")
	}
	return before + "\nmetadata:\n" + own + after, nil
}

// roles makes templates of roles, accounts and bindings; the portal's only where there is one.
func roles(content string) (string, error) {
	return each(content, func(document string) (string, error) {
		var conditions []string
		component := "manager"
		if strings.Contains(document, "app.kubernetes.io/component: portal\n") {
			component = "portal"
			conditions = append(conditions, ".Values.portal.enabled")
		}
		if strings.Contains(document, "\nkind: ServiceAccount\nmetadata:") {
			own := ".Values." + component + ".serviceAccount"
			conditions = append(conditions, own+".create")
			document += "  {{- with " + own + ".annotations }}\n  annotations:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n"
		}
		if len(conditions) == 0 {
			return document, nil
		}
		return "{{- if and " + strings.Join(conditions, " ") + " }}\n" + document + "{{- end }}\n", nil
	})
}

var (
	account  = regexp.MustCompile(`system:serviceaccount:` + namespace + `:werkplek-(manager|portal)\b`)
	metadata = regexp.MustCompile(`(?m)^metadata:\n`)
	labels   = regexp.MustCompile(`(?m)^  labels:\n`)
	subject  = regexp.MustCompile(`(?m)^(- kind: ServiceAccount\n  name: )werkplek-(manager|portal)$`)
	named    = regexp.MustCompile(`(?m)^(kind: ServiceAccount\nmetadata:\n  name: )werkplek-(manager|portal)$`)
)

// each makes a template of every document of a file: its namespace and accounts
// follow the release, it is labelled as the release's, and whatever would read as
// a template's action stands for itself.
func each(content string, of func(document string) (string, error)) (string, error) {
	var templates []string
	for document := range strings.SplitSeq("\n"+content, "\n---\n") {
		document = strings.TrimPrefix(strings.TrimLeft(document, "\n"), "# SPDX-License-Identifier: Apache-2.0\n")
		document = strings.Trim(document, "\n") + "\n"
		if strings.TrimSpace(document) == "" {
			continue
		}
		document = release(document)
		if strings.Contains(document, namespace) {
			return "", fmt.Errorf("it names %s in a way that hack/chart does not follow the release with", namespace)
		}
		template, err := of(labelled(document))
		if err != nil {
			return "", err
		}
		templates = append(templates, template)
	}
	return "---\n" + strings.Join(templates, "---\n"), nil
}

// release gives a document the release's names. Whatever still has those of config
// afterwards is not understood here.
func release(document string) string {
	document = strings.ReplaceAll(document, "{{", `{{ "{{" }}`)
	const user = `system:serviceaccount:{{ .Release.Namespace }}:{{ .Values.$1.serviceAccount.name }}`
	const name = `{{ .Values.$2.serviceAccount.name }}`
	document = account.ReplaceAllString(document, user)
	document = subject.ReplaceAllString(document, "${1}"+name)
	document = named.ReplaceAllString(document, "${1}"+name)
	return strings.ReplaceAll(document, "namespace: "+namespace+"\n", "namespace: {{ .Release.Namespace }}\n")
}

func labelled(document string) string {
	const own = "  labels:\n    {{- include \"werkplek.labels\" . | nindent 4 }}\n"
	if labels.MatchString(document) {
		return labels.ReplaceAllString(document, own)
	}
	return metadata.ReplaceAllString(document, "metadata:\n"+own)
}
