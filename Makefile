# Called by `sam build` (infra/deploy/template.yaml, BuildMethod: makefile), once per function.
FUNCTIONS = AggregatorFunction KubeApiserverFunction ApiextensionsFunction ControllersFunction

$(FUNCTIONS:%=build-%):
	node infra/build/run.mjs infra/build/functions.ts --outdir "$(ARTIFACTS_DIR)"
