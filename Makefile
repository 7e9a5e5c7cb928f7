# Called by `sam build` (infra/deploy/template.yaml, BuildMethod: makefile), once per function.
build-AggregatorFunction:
	node infra/build/run.mjs infra/build/functions.ts aggregator --outdir "$(ARTIFACTS_DIR)"

build-KubeApiserverFunction:
	node infra/build/run.mjs infra/build/functions.ts kube-apiserver --outdir "$(ARTIFACTS_DIR)"

build-ApiextensionsFunction:
	node infra/build/run.mjs infra/build/functions.ts apiextensions --outdir "$(ARTIFACTS_DIR)"

build-ControllersFunction:
	node infra/build/run.mjs infra/build/functions.ts controllers --outdir "$(ARTIFACTS_DIR)"
