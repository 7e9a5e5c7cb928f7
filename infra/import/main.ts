/** `npm run import -- --kubernetes v1.37.2 [--modules FOLDER]`: tables of a Kubernetes release, from its sources. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { root } from '../build/bundle-options.ts';
import {
  formatBootstrapPolicy,
  importBootstrapPolicy,
  upstreamBootstrapObjects,
} from './bootstrap-policy.ts';
import { type FeatureGateTable, formatFeatureGates, importFeatureGates } from './feature-gates.ts';
import { openSources } from './modules.ts';
import { Report } from './report.ts';

const GATES = join(root, 'shared/server/feature-gates.json');
const POLICY = join(root, 'shared/authz/rbac/bootstrap/policy.json');

/** What a test compares the policy with. */
const POLICY_FACTS = join(root, 'test/facts/bootstrap-policy.json');

const { kubernetes, modules } = new Command('import')
  .description('Writes the tables of a Kubernetes release and says what code is owed.')
  .requiredOption('--kubernetes <release>', 'such as v1.37.2')
  .option(
    '--modules <folder>',
    'where its Go modules are, or a checkout; by default the go command fetches them',
  )
  .parse()
  .opts<{ kubernetes: string; modules?: string }>();

const sources = openSources(kubernetes, modules);
const report = new Report();
const before = JSON.parse(readFileSync(GATES, 'utf8')) as FeatureGateTable;
const gates = importFeatureGates(sources);
for (const name of Object.keys(gates)) {
  if (!Object.hasOwn(before, name))
    report.add('feature gates: new', `${name} ${JSON.stringify(gates[name])}`);
}
for (const name of Object.keys(before)) {
  if (!Object.hasOwn(gates, name)) report.add('feature gates: gone', name);
}
writeFileSync(GATES, formatFeatureGates(gates));
writeFileSync(POLICY, formatBootstrapPolicy(importBootstrapPolicy(sources, gates, report)));
const objects = Object.entries(upstreamBootstrapObjects(sources)).map(
  ([name, list]) => `"${name}": [\n${list.map((object) => JSON.stringify(object)).join(',\n')}\n]`,
);
writeFileSync(POLICY_FACTS, `{\n${objects.join(',\n')}\n}\n`);
process.stdout.write(report.format());
