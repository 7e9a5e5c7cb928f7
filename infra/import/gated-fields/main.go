// Determines which fields of written objects feature gates drop, by running the strategies of a Kubernetes release with
// a single gate off at a time: `npm run import -- --gated-fields` builds it with the release's modules. It prints, by
// kind and gate, the dropped fields, and the fields of the stored object that preserve them.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/controlplane"
	"k8s.io/utils/clock"

	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/certificates/certificates"
	"k8s.io/kubernetes/pkg/registry/certificates/clustertrustbundle"
	"k8s.io/kubernetes/pkg/registry/certificates/podcertificaterequest"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/coordination/leasecandidate"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/lifecycle/eviction"
	"k8s.io/kubernetes/pkg/registry/lifecycle/evictionrequest"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/resource/deviceclass"
	"k8s.io/kubernetes/pkg/registry/resource/devicetaintrule"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaim"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaimtemplate"
	"k8s.io/kubernetes/pkg/registry/resource/resourcepoolstatusrequest"
	"k8s.io/kubernetes/pkg/registry/resource/resourceslice"
	"k8s.io/kubernetes/pkg/registry/scheduling/compositepodgroup"
	"k8s.io/kubernetes/pkg/registry/scheduling/podgroup"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/csinode"
	"k8s.io/kubernetes/pkg/registry/storage/csistoragecapacity"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass"
)

// gate overrides feature gates, locked ones included.
type gate struct {
	featuregate.FeatureGate
	off featuregate.Feature
}

var deprecated = map[featuregate.Feature]bool{}

func (g *gate) Enabled(key featuregate.Feature) bool { return key != g.off && !deprecated[key] }

type creator interface {
	PrepareForCreate(ctx context.Context, obj runtime.Object)
}
type updater interface {
	PrepareForUpdate(ctx context.Context, obj, old runtime.Object)
}
type subject struct {
	gvk      schema.GroupVersionKind
	sub      string
	strategy interface{}
}

type allow struct{}

func (allow) Authorize(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
	return authorizer.DecisionAllow, "", nil
}

func gvk(s string) schema.GroupVersionKind {
	p := strings.Split(s, "/")
	if len(p) == 2 {
		return schema.GroupVersionKind{Version: p[0], Kind: p[1]}
	}
	return schema.GroupVersionKind{Group: p[0], Version: p[1], Kind: p[2]}
}

func fill(v reflect.Value, depth int, path string) {
	if depth > 24 {
		return
	}
	switch x := v.Addr().Interface().(type) {
	case *resource.Quantity:
		*x = resource.MustParse("1")
		return
	case *metav1.Time:
		*x = metav1.Unix(1700000000, 0)
		return
	case *metav1.MicroTime:
		*x = metav1.MicroTime{Time: metav1.Unix(1700000000, 0).Time}
		return
	case *intstr.IntOrString:
		*x = intstr.FromInt32(1)
		return
	case *metav1.Duration:
		return
	case *metav1.ObjectMeta:
		*x = metav1.ObjectMeta{Name: "a", Namespace: "b", Labels: map[string]string{"k": "v"}, Annotations: map[string]string{"k": "v"}}
		return
	case *metav1.TypeMeta:
		return
	case *runtime.RawExtension:
		x.Raw = []byte(`{"a":"b"}`)
		return
	}
	switch v.Kind() {
	case reflect.Ptr:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1, path)
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			if v.Type().Field(i).PkgPath != "" {
				continue
			}
			fill(v.Field(i), depth+1, path+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte("x"))
			return
		}
		if members := union(v.Type().Elem()); members != nil {
			v.Set(reflect.MakeSlice(v.Type(), len(members), len(members)))
			for i := range members {
				fill(v.Index(i), depth+1, path)
				for j := range members {
					if i != j {
						f := v.Index(i).FieldByName(members[j])
						f.Set(reflect.Zero(f.Type()))
					}
				}
			}
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1, path)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		k := reflect.New(v.Type().Key()).Elem()
		fill(k, depth+1, path)
		e := reflect.New(v.Type().Elem()).Elem()
		fill(e, depth+1, path)
		v.SetMapIndex(k, e)
	case reflect.String:
		v.SetString(values(path))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Int16, reflect.Int8:
		v.SetInt(1)
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	}
}

// union returns the members of a struct that has exactly one of them.
func union(t reflect.Type) []string {
	if t.Kind() != reflect.Struct || (t.Name() != "Volume" && t.Name() != "VolumeProjection") {
		return nil
	}
	if f, ok := t.FieldByName("VolumeSource"); ok {
		t = f.Type
	}
	var out []string
	for i := 0; i < t.NumField(); i++ {
		if t.Field(i).Type.Kind() == reflect.Ptr {
			out = append(out, t.Field(i).Name)
		}
	}
	return out
}

// values returns field values that feature gates depend on.
func values(path string) string {
	switch {
	case strings.HasSuffix(path, ".Operator") && strings.Contains(path, ".Tolerations"):
		return "Lt"
	case strings.HasSuffix(path, ".Action"):
		return "RestartAllContainers"
	case strings.HasSuffix(path, ".ProcMount"):
		return "Unmasked"
	}
	return "x"
}

func toMap(o runtime.Object) map[string]interface{} {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	m := map[string]interface{}{}
	if err := json.Unmarshal(b, &m); err != nil {
		panic(err)
	}
	return m
}

func internal(o runtime.Object) runtime.Object {
	gv := schema.GroupVersion{Group: o.GetObjectKind().GroupVersionKind().Group, Version: runtime.APIVersionInternal}
	in, err := legacyscheme.Scheme.UnsafeConvertToVersion(o.DeepCopyObject(), gv)
	if err != nil {
		panic(fmt.Sprint(o.GetObjectKind().GroupVersionKind(), err))
	}
	return in.DeepCopyObject()
}

func external(o runtime.Object, k schema.GroupVersionKind) map[string]interface{} {
	out, err := legacyscheme.Scheme.UnsafeConvertToVersion(o.DeepCopyObject(), k.GroupVersion())
	if err != nil {
		panic(err)
	}
	return toMap(out)
}

func lost(on, off interface{}, path string, drops, changes map[string]bool) {
	switch a := on.(type) {
	case map[string]interface{}:
		b, ok := off.(map[string]interface{})
		if !ok {
			drops[path] = true
			return
		}
		for k, v := range a {
			p := strings.TrimPrefix(path+"."+k, ".")
			if w, ok := b[k]; ok {
				lost(v, w, p, drops, changes)
			} else {
				drops[p] = true
			}
		}
		for k := range b {
			if _, ok := a[k]; !ok {
				changes["+"+strings.TrimPrefix(path+"."+k, ".")] = true
			}
		}
	case []interface{}:
		b, ok := off.([]interface{})
		if !ok || len(a) != len(b) {
			drops[path] = true
			return
		}
		for i := range a {
			lost(a[i], b[i], path+"[]", drops, changes)
		}
	default:
		if !reflect.DeepEqual(on, off) {
			changes[fmt.Sprintf("%s: %v -> %v", path, on, off)] = true
		}
	}
}

func paths(v interface{}, path string, out map[string]bool) {
	if path != "" {
		out[path] = true
	}
	switch a := v.(type) {
	case map[string]interface{}:
		for k, w := range a {
			paths(w, strings.TrimPrefix(path+"."+k, "."), out)
		}
	case []interface{}:
		for _, w := range a {
			paths(w, path+"[]", out)
		}
	}
}

func only(v interface{}, steps []string) interface{} {
	if len(steps) == 0 {
		switch v.(type) {
		case map[string]interface{}:
			return map[string]interface{}{}
		case []interface{}:
			return []interface{}{}
		}
		return v
	}
	if steps[0] == "[]" {
		for _, item := range v.([]interface{}) {
			if has(item, steps[1:]) {
				return []interface{}{only(item, steps[1:])}
			}
		}
		panic(steps)
	}
	return map[string]interface{}{steps[0]: only(v.(map[string]interface{})[steps[0]], steps[1:])}
}

func has(v interface{}, steps []string) bool {
	if len(steps) == 0 {
		return true
	}
	if steps[0] == "[]" {
		for _, item := range v.([]interface{}) {
			if has(item, steps[1:]) {
				return true
			}
		}
		return false
	}
	m, ok := v.(map[string]interface{})
	if !ok {
		return false
	}
	w, ok := m[steps[0]]
	return ok && has(w, steps[1:])
}

func split(p string) []string {
	var out []string
	for _, s := range strings.Split(p, ".") {
		n := strings.Count(s, "[]")
		out = append(out, strings.ReplaceAll(s, "[]", ""))
		for i := 0; i < n; i++ {
			out = append(out, "[]")
		}
	}
	return out
}

func keys(m map[string]bool) []string {
	out := []string{}
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// fact describes the effect of a disabled gate on a kind.
type fact struct {
	// Drops lists the dropped fields.
	Drops []string `json:"drops,omitempty"`
	// Leaves lists fields whose value is changed.
	Leaves []string `json:"leaves,omitempty"`
	// OnlyOnCreate reports whether updates keep them.
	OnlyOnCreate bool `json:"onlyOnCreate,omitempty"`
	// UsedBy lists fields of a stored object that preserve them all. Kinds with a pod template have a pod's.
	UsedBy []string `json:"usedBy,omitempty"`
}

// outermost removes paths that are below others.
func outermost(paths []string) []string {
	known := map[string]bool{}
	for _, p := range paths {
		known[p] = true
	}
	var out []string
	for _, p := range paths {
		below := false
		for i, c := range p {
			if (c == '.' || c == '[') && i > 0 && known[p[:i]] || c == ']' && i < len(p)-1 && known[p[:i+1]] {
				below = true
			}
		}
		if !below {
			out = append(out, p)
		}
	}
	return out
}

// noise reports whether a path changes over time.
func noise(path string) bool {
	return strings.HasPrefix(path, "status.conditions") || strings.HasPrefix(path, "+") || strings.HasPrefix(path, "metadata.generation")
}

func main() {
	g := &gate{FeatureGate: utilfeature.DefaultFeatureGate}
	all := utilfeature.DefaultMutableFeatureGate.DeepCopy().GetAll()
	names := []featuregate.Feature{}
	for n, s := range all {
		if s.PreRelease == featuregate.Deprecated && !s.Default {
			deprecated[n] = true
			continue
		}
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool { return names[i] < names[j] })
	utilfeature.DefaultFeatureGate = g
	rc := resourceclaim.NewStrategy(nil, allow{})
	pg, cpg := podgroup.NewStrategy(), compositepodgroup.NewStrategy()
	pcr := podcertificaterequest.NewStrategy()
	ev, er := eviction.NewStrategy(clock.RealClock{}), evictionrequest.NewStrategy()
	subjects := []subject{
		{gvk("v1/Pod"), "", pod.Strategy}, {gvk("v1/Pod"), "status", pod.StatusStrategy},
		{gvk("v1/PodTemplate"), "", podtemplate.Strategy},
		{gvk("v1/ReplicationController"), "", replicationcontroller.Strategy}, {gvk("v1/ReplicationController"), "status", replicationcontroller.StatusStrategy},
		{gvk("v1/Node"), "", node.Strategy}, {gvk("v1/Node"), "status", node.StatusStrategy},
		{gvk("v1/PersistentVolume"), "", persistentvolume.Strategy}, {gvk("v1/PersistentVolume"), "status", persistentvolume.StatusStrategy},
		{gvk("v1/PersistentVolumeClaim"), "", persistentvolumeclaim.Strategy}, {gvk("v1/PersistentVolumeClaim"), "status", persistentvolumeclaim.StatusStrategy},
		{gvk("v1/Service"), "", service.Strategy}, {gvk("v1/Service"), "status", service.StatusStrategy},
		{gvk("v1/Namespace"), "", namespace.Strategy}, {gvk("v1/Secret"), "", secret.Strategy}, {gvk("v1/ServiceAccount"), "", serviceaccount.Strategy}, {gvk("v1/ResourceQuota"), "", resourcequota.Strategy},
		{gvk("apps/v1/Deployment"), "", deployment.Strategy}, {gvk("apps/v1/Deployment"), "status", deployment.StatusStrategy},
		{gvk("apps/v1/DaemonSet"), "", daemonset.Strategy}, {gvk("apps/v1/DaemonSet"), "status", daemonset.StatusStrategy},
		{gvk("apps/v1/ReplicaSet"), "", replicaset.Strategy}, {gvk("apps/v1/ReplicaSet"), "status", replicaset.StatusStrategy},
		{gvk("apps/v1/StatefulSet"), "", statefulset.Strategy}, {gvk("apps/v1/StatefulSet"), "status", statefulset.StatusStrategy},
		{gvk("autoscaling/v2/HorizontalPodAutoscaler"), "", horizontalpodautoscaler.Strategy}, {gvk("autoscaling/v2/HorizontalPodAutoscaler"), "status", horizontalpodautoscaler.StatusStrategy},
		{gvk("batch/v1/Job"), "", job.Strategy}, {gvk("batch/v1/Job"), "status", job.StatusStrategy},
		{gvk("batch/v1/CronJob"), "", cronjob.Strategy}, {gvk("batch/v1/CronJob"), "status", cronjob.StatusStrategy},
		{gvk("certificates.k8s.io/v1/CertificateSigningRequest"), "", certificates.Strategy}, {gvk("certificates.k8s.io/v1/CertificateSigningRequest"), "status", certificates.StatusStrategy},
		{gvk("certificates.k8s.io/v1/ClusterTrustBundle"), "", clustertrustbundle.Strategy},
		{gvk("certificates.k8s.io/v1/PodCertificateRequest"), "", pcr}, {gvk("certificates.k8s.io/v1/PodCertificateRequest"), "status", podcertificaterequest.NewStatusStrategy(pcr, allow{}, clock.RealClock{})},
		{gvk("coordination.k8s.io/v1/Lease"), "", lease.Strategy}, {gvk("coordination.k8s.io/v1beta1/LeaseCandidate"), "", leasecandidate.Strategy},
		{gvk("discovery.k8s.io/v1/EndpointSlice"), "", endpointslice.Strategy},
		{gvk("lifecycle.k8s.io/v1alpha1/Eviction"), "", ev}, {gvk("lifecycle.k8s.io/v1alpha1/Eviction"), "status", eviction.NewStatusStrategy(ev)},
		{gvk("lifecycle.k8s.io/v1alpha1/EvictionRequest"), "", er}, {gvk("lifecycle.k8s.io/v1alpha1/EvictionRequest"), "status", evictionrequest.NewStatusStrategy(er)},
		{gvk("networking.k8s.io/v1/Ingress"), "", ingress.Strategy}, {gvk("networking.k8s.io/v1/NetworkPolicy"), "", networkpolicy.Strategy},
		{gvk("networking.k8s.io/v1/ServiceCIDR"), "", servicecidr.Strategy}, {gvk("networking.k8s.io/v1/ServiceCIDR"), "status", servicecidr.StatusStrategy},
		{gvk("node.k8s.io/v1/RuntimeClass"), "", runtimeclass.Strategy},
		{gvk("policy/v1/PodDisruptionBudget"), "", poddisruptionbudget.Strategy}, {gvk("policy/v1/PodDisruptionBudget"), "status", poddisruptionbudget.StatusStrategy},
		{gvk("resource.k8s.io/v1/DeviceClass"), "", deviceclass.Strategy},
		{gvk("resource.k8s.io/v1/DeviceTaintRule"), "", devicetaintrule.Strategy}, {gvk("resource.k8s.io/v1/DeviceTaintRule"), "status", devicetaintrule.StatusStrategy},
		{gvk("resource.k8s.io/v1/ResourceClaim"), "", rc}, {gvk("resource.k8s.io/v1/ResourceClaim"), "status", resourceclaim.NewStatusStrategy(rc)},
		{gvk("resource.k8s.io/v1/ResourceClaimTemplate"), "", resourceclaimtemplate.NewStrategy(nil)},
		{gvk("resource.k8s.io/v1/ResourceSlice"), "", resourceslice.Strategy},
		{gvk("resource.k8s.io/v1alpha3/ResourcePoolStatusRequest"), "", resourcepoolstatusrequest.Strategy}, {gvk("resource.k8s.io/v1alpha3/ResourcePoolStatusRequest"), "status", resourcepoolstatusrequest.StatusStrategy},
		{gvk("scheduling.k8s.io/v1alpha3/PodGroup"), "", pg}, {gvk("scheduling.k8s.io/v1alpha3/PodGroup"), "status", podgroup.NewStatusStrategy(pg)},
		{gvk("scheduling.k8s.io/v1alpha3/CompositePodGroup"), "", cpg}, {gvk("scheduling.k8s.io/v1alpha3/CompositePodGroup"), "status", compositepodgroup.NewStatusStrategy(cpg)},
		{gvk("scheduling.k8s.io/v1/PriorityClass"), "", priorityclass.Strategy},
		{gvk("storage.k8s.io/v1/CSIDriver"), "", csidriver.Strategy}, {gvk("storage.k8s.io/v1/CSINode"), "", csinode.Strategy}, {gvk("storage.k8s.io/v1/CSINode"), "status", csinode.StatusStrategy},
		{gvk("storage.k8s.io/v1/CSIStorageCapacity"), "", csistoragecapacity.Strategy}, {gvk("storage.k8s.io/v1/StorageClass"), "", storageclass.Strategy},
		{gvk("storage.k8s.io/v1/VolumeAttachment"), "", volumeattachment.Strategy}, {gvk("storage.k8s.io/v1/VolumeAttachment"), "status", volumeattachment.StatusStrategy},
		{gvk("storage.k8s.io/v1/VolumeAttributesClass"), "", volumeattributesclass.Strategy},
	}
	ctx := genericapirequest.WithUser(genericapirequest.WithNamespace(context.Background(), "b"), &user.DefaultInfo{Name: "admin"})
	templates := map[string]string{"DaemonSet": "spec.template.spec", "Deployment": "spec.template.spec", "ReplicaSet": "spec.template.spec", "StatefulSet": "spec.template.spec", "Job": "spec.template.spec", "CronJob": "spec.jobTemplate.spec.template.spec", "PodTemplate": "template.spec", "ReplicationController": "spec.template.spec"}
	result := map[string]map[string]interface{}{}
	for _, s := range subjects {
		id := strings.TrimPrefix(s.gvk.Group+"/"+s.gvk.Version+"/"+s.gvk.Kind, "/")
		if s.sub != "" {
			id += "/" + s.sub
		}
		rctx := genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{IsResourceRequest: true, APIGroup: s.gvk.Group, APIVersion: s.gvk.Version, Subresource: s.sub, Verb: "update"})
		ext, err := legacyscheme.Scheme.New(s.gvk)
		if err != nil {
			panic(err)
		}
		fill(reflect.ValueOf(ext).Elem(), 0, "")
		ext.GetObjectKind().SetGroupVersionKind(s.gvk)
		full := internal(ext)
		fullMap := toMap(ext)
		run := func(off featuregate.Feature, old runtime.Object) map[string]interface{} {
			g.off = off
			o := full.DeepCopyObject()
			if old == nil {
				s.strategy.(creator).PrepareForCreate(rctx, o)
			} else {
				s.strategy.(updater).PrepareForUpdate(rctx, o, old.DeepCopyObject())
			}
			g.off = ""
			return external(o, s.gvk)
		}
		empty, _ := legacyscheme.Scheme.New(s.gvk)
		empty.GetObjectKind().SetGroupVersionKind(s.gvk)
		fresh := internal(empty)
		differ := func(on map[string]interface{}, n featuregate.Feature, old runtime.Object) ([]string, []string) {
			drops, changes := map[string]bool{}, map[string]bool{}
			lost(on, run(n, old), "", drops, changes)
			var leaves []string
			for _, c := range keys(changes) {
				if !noise(c) {
					leaves = append(leaves, c)
				}
			}
			return keys(drops), leaves
		}
		out := map[string]interface{}{}
		facts := map[string]*fact{}
		place, isTemplate := templates[s.gvk.Kind]
		modes := []runtime.Object{nil, fresh}
		if s.sub != "" {
			modes = modes[1:]
		}
		for _, old := range modes {
			on := run("", old)
			for _, n := range names {
				drops, leaves := differ(on, n, old)
				if len(drops)+len(leaves) == 0 {
					continue
				}
				if f := facts[string(n)]; f != nil {
					f.OnlyOnCreate = false
					continue
				}
				if isTemplate && len(drops) > 0 && strings.HasPrefix(drops[0], place+".") || isTemplate && len(leaves) > 0 {
					out["template"] = place
					continue
				}
				facts[string(n)] = &fact{Drops: drops, Leaves: leaves, OnlyOnCreate: old == nil}
			}
		}
		if s.sub == "" || s.sub == "status" {
			all := map[string]bool{}
			paths(fullMap, "", all)
			for _, p := range keys(all) {
				b, _ := json.Marshal(only(fullMap, split(p)))
				o, _ := legacyscheme.Scheme.New(s.gvk)
				if err := json.Unmarshal(b, o); err != nil {
					panic(err)
				}
				o.GetObjectKind().SetGroupVersionKind(s.gvk)
				in := internal(o)
				var on map[string]interface{}
				for n, f := range facts {
					if f.OnlyOnCreate || isTemplate {
						continue
					}
					if on == nil {
						on = run("", in)
					}
					if drops, leaves := differ(on, featuregate.Feature(n), in); len(drops)+len(leaves) == 0 {
						f.UsedBy = append(f.UsedBy, p)
					}
				}
			}
		}
		for n, f := range facts {
			f.UsedBy = outermost(f.UsedBy)
			out[n] = f
		}
		if len(out) > 0 {
			result[id] = out
		}
	}
	encoded, _ := json.Marshal(result)
	fmt.Println(string(encoded))
}
