package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"gopkg.in/yaml.v2"
)

// A compressed profile, made by the test.
const pprofFile = "/profile.pprof.gz"

type pod struct {
	Metadata struct {
		Name        string            `json:"name"`
		Namespace   string            `json:"namespace"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec struct {
		Containers []struct {
			Name string `json:"name"`
		} `json:"containers"`
	} `json:"spec"`
}

// pushPods sends the profile for every container on the node that the relabelling of the configuration keeps, under the labels that it
// leaves. The language of the rules is Prometheus' own, as in the agent.
func pushPods(flags map[string]string) (map[string]answer, error) {
	var config struct {
		RelabelConfigs []*relabel.Config `yaml:"relabel_configs"`
	}
	if err := yaml.Unmarshal([]byte(read(flags["config-path"])), &config); err != nil {
		return nil, err
	}
	pprof, err := os.ReadFile(pprofFile)
	if err != nil {
		return nil, err
	}
	pods, err := podsOf(flags["node"])
	if err != nil {
		return nil, err
	}
	writes := map[string]question{}
	for _, pod := range pods {
		for _, container := range pod.Spec.Containers {
			kept, ok := relabel.Process(metadata(pod, container.Name), config.RelabelConfigs...)
			if !ok {
				continue
			}
			message := frame(writeRawRequest(kept, pprof))
			write := writeQuestion(flags["remote-store-bearer-token-file"], func() (string, error) { return message, nil })
			writes[pod.Metadata.Namespace+"/"+pod.Metadata.Name+"/"+container.Name] = write
		}
	}
	return askStore(flags, writes), nil
}

func podsOf(node string) ([]pod, error) {
	client, server, err := apiServerClient()
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodGet, "https://"+server+"/api/v1/pods?fieldSelector="+url.QueryEscape("spec.nodeName="+node), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(read(serviceAccountToken)))
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("list pods: %s", response.Status)
	}
	var list struct {
		Items []pod `json:"items"`
	}
	return list.Items, json.NewDecoder(response.Body).Decode(&list)
}

// metadata of a container under the names that the agent gives it.
func metadata(pod pod, container string) labels.Labels {
	all := map[string]string{
		"__meta_kubernetes_namespace":          pod.Metadata.Namespace,
		"__meta_kubernetes_pod_name":           pod.Metadata.Name,
		"__meta_kubernetes_pod_container_name": container,
	}
	for prefix, pairs := range map[string]map[string]string{"label": pod.Metadata.Labels, "annotation": pod.Metadata.Annotations} {
		for key, value := range pairs {
			all["__meta_kubernetes_pod_"+prefix+"_"+sanitize(key)] = value
		}
	}
	return labels.FromMap(all)
}

func sanitize(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, key)
}

// writeRawRequest of one series. Labels with two underscores in front end in the agent, but for the name.
func writeRawRequest(kept labels.Labels, pprof []byte) []byte {
	set := field(1, append(field(1, []byte("__name__")), field(2, []byte("process_cpu"))...))
	kept.Range(func(label labels.Label) {
		if !strings.HasPrefix(label.Name, "__") && label.Value != "" {
			set = append(set, field(1, append(field(1, []byte(label.Name)), field(2, []byte(label.Value))...))...)
		}
	})
	return field(2, append(field(1, set), field(2, field(1, pprof))...))
}

// field of a message in protocol buffers, with bytes, a text or a message in it.
func field(number byte, content []byte) []byte {
	return append(binary.AppendUvarint([]byte{number<<3 | 2}, uint64(len(content))), content...)
}

func frame(message []byte) string {
	return string(append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...))
}

// grpcHeaders of a flag, as kong reads maps: pairs end at semicolons, and a backslash before one takes its meaning away.
func grpcHeaders(value string) map[string]string {
	const escaped = "\x00"
	headers := map[string]string{}
	for pair := range strings.SplitSeq(strings.ReplaceAll(value, `\;`, escaped), ";") {
		if name, content, found := strings.Cut(pair, "="); found {
			headers[name] = strings.ReplaceAll(content, escaped, ";")
		}
	}
	return headers
}
