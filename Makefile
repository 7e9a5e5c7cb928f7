# Called by `sam build` (infra/deploy/template.yaml, BuildMethod: makefile), once per function.
build-AggregatorFunction:
	node infra/build/functions.mjs aggregator --outdir "$(ARTIFACTS_DIR)"

build-KubeApiserverFunction:
	node infra/build/functions.mjs kube-apiserver --outdir "$(ARTIFACTS_DIR)"

build-ApiextensionsFunction:
	node infra/build/functions.mjs apiextensions --outdir "$(ARTIFACTS_DIR)"

build-ControllersFunction:
	node infra/build/functions.mjs controllers --outdir "$(ARTIFACTS_DIR)"
