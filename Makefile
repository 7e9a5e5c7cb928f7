# Called by `sam build` (templates of infra/deploy, BuildMethod: makefile), once per function.
FUNCTIONS = AggregatorFunction KubeApiserverFunction ApiextensionsFunction ControllersFunction FleetFunction

$(FUNCTIONS:%=build-%):
	node infra/build/run.mjs infra/build/functions.ts --outdir "$(ARTIFACTS_DIR)"
