/**
 * `npm run import -- --kubernetes v1.37.2 [--modules FOLDER] [--dry-run | --served-only | --gated-fields]`: generates
 * the tables of a Kubernetes release from its sources.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Command } from 'commander';
import { root } from '../build/bundle-options.ts';
import { findTables } from '../build/find-tables.ts';
import { IMPORTED_DESCRIPTIONS, readImportedDescriptions } from '../build/openapi-descriptions.ts';
import { descriptionManifests, packageDescriptions } from '../build/package-descriptions.ts';
import {
  formatBootstrapPolicy,
  importBootstrapPolicy,
  upstreamBootstrapObjects,
} from './bootstrap-policy.ts';
import { compareColumns } from './columns.ts';
import { importDescriptions } from './descriptions.ts';
import { compareDiscovery, importDiscovery, servedAt } from './discovery.ts';
import {
  compareFeatureGates,
  type FeatureGateTable,
  formatFeatureGates,
  importFeatureGates,
  withGatesAhead,
} from './feature-gates.ts';
import { compareFields, fieldsOfTables, importFields } from './fields.ts';
import { flagsOfHelp } from './flags.ts';
import { formatGatedFields, importGatedFields } from './gated-fields.ts';
import { writeGoneVersions } from './gone-versions.ts';
import { InternalFormsImporter } from './internal-forms.ts';
import { compareLifecycles, importLifecycles, lifecyclesOfTable } from './lifecycle.ts';
import { goOf, openSources } from './modules.ts';
import { PackageReader } from './package-reader.ts';
import { importReadGates } from './read-gates.ts';
import { Report } from './report.ts';
import { formatResources, importResources, type ResourceTable } from './resources.ts';
import { importRules } from './rules.ts';
import { importServedVerbs } from './served-paths.ts';
import { formatTypes, importTypes, type TypeTable, withoutModule } from './types.ts';
import { writeHistories } from './write-histories.ts';

const GATES = join(root, 'shared/server/options/feature-gates.json');
const POLICY = join(root, 'shared/authz/rbac/bootstrap/policy.json');
const INTERNAL_FORMS = join(root, 'shared/apis/internal-forms.json');
const RESOURCES = join(root, 'shared/apis/resources.json');
const RELEASE = join(root, 'shared/apis/release.json');
/** Facts that tests compare the tables with, in the form of the sources. */
const FACTS = join(root, 'test/facts');

const { kubernetes, modules, dryRun, servedOnly, gatedFields, flags } = new Command('import')
  .description('Writes the tables of a Kubernetes release and reports missing code.')
  .requiredOption('--kubernetes <release>', 'such as v1.37.2')
  .option(
    '--modules <folder>',
    'where its Go modules are, or a checkout; by default the go command fetches them',
  )
  .option('--served-only', 'write only what it served: of old releases, for their emulation and its tests')
  .option('--gated-fields', 'write only what its feature gates drop, by its own code, which Go builds')
  .option('--flags <file>', 'write only its flags, of what `kube-apiserver --help` printed there')
  .option('--dry-run', 'write nothing, only say what is owed')
  .parse()
  .opts<{
    kubernetes: string;
    modules?: string;
    dryRun?: boolean;
    servedOnly?: boolean;
    gatedFields?: boolean;
    flags?: string;
  }>();

const sources = openSources(kubernetes, modules);
const report = new Report();

/** JSON with one inner member per line. */
function lines(table: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(table).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return `{\n${members.join(',\n')}\n}\n`;
}

/** Writes a minor's served resources, for tests, and the tables to serve them again. */
function writeServed(): void {
  mkdirSync(join(FACTS, 'served'), { recursive: true });
  writeFileSync(join(FACTS, 'served', `${sources.minor}.json`), lines(importServedVerbs(sources)));
  writeGoneVersions(sources, report);
  writeHistories(sources);
}

/** The present table of types. */
function tableAt(path: string): TypeTable | undefined {
  const file = join(root, path);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TypeTable) : undefined;
}

/**
 * The declared rules of versions that are validated by them; rules of versions that the release doesn't have are kept.
 */
function importDeclaredRules(): ReadonlyMap<string, string> {
  const { versions, alone } = JSON.parse(
    readFileSync(join(root, 'infra/import/overrides/declared-rules.json'), 'utf8'),
  ) as { versions: readonly string[]; alone: { versions: readonly string[] } };
  const reader = new PackageReader(sources);
  const paths = versions
    .filter((version) => !alone.versions.includes(version))
    .map((version) => `k8s.io/api/${version}`);
  return new Map(
    versions.flatMap((version) => {
      const path = `k8s.io/api/${version}`;
      if (reader.package(path) === undefined) return [];
      const rules = lines(importRules(reader, path, paths, report));
      return [[join(root, 'shared/apis', version, 'rules.json'), rules] as const];
    }),
  );
}

/** The tables of the release, and those that it has no module for. */
function importTypeTables(): ReadonlyMap<string, TypeTable> {
  const tables = new Map(importTypes(sources, tableAt, report));
  for (const file of findTables(join(root, 'shared/apis'))) {
    const path = relative(root, file);
    if (!tables.has(path)) tables.set(path, withoutModule(tableAt(path)!, sources, report));
  }
  return tables;
}

function writeTypes(tables: ReadonlyMap<string, TypeTable>): void {
  for (const [path, table] of tables) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), formatTypes(table));
  }
}

/** Writes the descriptions that the installed npm packages lack. */
function writeDescriptions(): void {
  if (descriptionManifests() === undefined) {
    report.add('descriptions: not written', 'the packages that have most of them are not installed');
    return;
  }
  const tables = findTables(join(root, 'shared'));
  const types = tables.flatMap((file) => Object.keys(JSON.parse(readFileSync(file, 'utf8')) as TypeTable));
  const { definitions: packages } = packageDescriptions(tables);
  const before = readImportedDescriptions();
  const descriptions = importDescriptions(sources, types, { packages, before });
  writeFileSync(IMPORTED_DESCRIPTIONS, lines(descriptions));
}

/** Imports everything; what remains to be done by hand is reported. */
function importRelease(): void {
  const gates = withGatesAhead(importFeatureGates(sources));
  compareFeatureGates(gates, JSON.parse(readFileSync(GATES, 'utf8')) as FeatureGateTable, report);
  const policy = importBootstrapPolicy(sources, gates, report);
  const discovery = importDiscovery(sources);
  compareDiscovery(discovery, servedAt(sources.minor), report);
  const lifecycles = importLifecycles(sources, Object.keys(discovery));
  compareLifecycles(lifecycles, lifecyclesOfTable(lifecycles), sources.minor, report);
  const fields = importFields(sources);
  compareFields(fields, fieldsOfTables(), report);
  compareColumns(sources, report);
  const types = importTypeTables();
  const rules = importDeclaredRules();
  const forms = new InternalFormsImporter(new PackageReader(sources)).import(report);
  if (dryRun) return;
  writeTypes(types);
  for (const [path, text] of rules) writeFileSync(path, text);
  writeFileSync(INTERNAL_FORMS, lines(forms));
  writeDescriptions();
  const resources = JSON.parse(readFileSync(RESOURCES, 'utf8')) as ResourceTable;
  const next = importResources(discovery, lifecycles, resources, sources.minor);
  writeFileSync(RESOURCES, formatResources(next));
  writeFileSync(GATES, formatFeatureGates(gates));
  writeFileSync(POLICY, formatBootstrapPolicy(policy));
  writeFileSync(RELEASE, lines({ kubernetes, go: goOf(sources) }));
  writeFileSync(join(FACTS, 'bootstrap-policy.json'), lines(upstreamBootstrapObjects(sources)));
  writeFileSync(join(FACTS, 'discovery.json'), lines(discovery));
  writeFileSync(join(FACTS, 'lifecycles.json'), lines(lifecycles));
  writeFileSync(join(FACTS, 'fields.json'), lines(fields));
  const read = importReadGates(sources, Object.keys(gates));
  writeFileSync(join(FACTS, 'read-gates.json'), `${JSON.stringify(read, undefined, 1)}\n`);
  writeServed();
}

if (gatedFields) {
  writeFileSync(join(FACTS, 'gated-fields.json'), formatGatedFields(importGatedFields(sources)));
} else if (flags !== undefined) {
  writeFileSync(join(FACTS, 'flags.json'), lines(flagsOfHelp(readFileSync(flags, 'utf8'))));
} else if (servedOnly) writeServed();
else importRelease();
process.stdout.write(report.format());
