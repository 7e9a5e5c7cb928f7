import readPluginHistory from '../../admission/plugin-history.json?text';
import { resourcesOf } from '../../apis/emulated-resources.ts';
import readFieldHistory from '../../apis/field-history.json?text';
import { type History, tableAt } from '../../apis/history.ts';
import { installAll } from '../../apis/install.ts';
import { isPartOf } from '../../apis/minor.ts';
import { builtinResources } from '../../apis/resource-table.ts';
import { builtinTypeTables } from '../../apis/type-tables.ts';
import type { BootstrapEntry, BootstrapTable } from '../../authz/rbac/bootstrap/policy.ts';
import readPolicyHistory from '../../authz/rbac/bootstrap/policy-history.json?text';
import { HiddenFields } from '../../runtime/hidden-fields.ts';
import { Scheme } from '../../runtime/scheme.ts';
import type { ReadText } from '../../runtime/text-tables.ts';
import type { FeatureGate } from '../options/feature-gates.ts';
import type { Emulation } from './emulation.ts';
import readGateHistory from './feature-gate-history.json?text';

/** Definition -> field -> the minors that added and removed it. */
type FieldHistory = Readonly<Record<string, Readonly<Record<string, readonly [string, string?]>>>>;

function hiddenAt(minor: string): HiddenFields {
  const history = JSON.parse(readFieldHistory()) as FieldHistory;
  const names = Object.entries(history).map(([definition, fields]): [string, ReadonlySet<string>] => {
    const hidden = Object.entries(fields).filter(
      ([, [introduced, removed]]) => !isPartOf({ introduced, ...(removed && { removed }) }, minor),
    );
    return [definition, new Set(hidden.map(([name]) => name))];
  });
  return new HiddenFields(new Map(names.filter(([, hidden]) => hidden.size > 0)));
}

function policyAt(minor: string): BootstrapTable {
  const entries = Object.entries(tableAt(JSON.parse(readPolicyHistory()) as History<BootstrapEntry>, minor));
  const list = (name: keyof BootstrapTable) =>
    entries.filter(([key]) => key.startsWith(`${name} `)).map(([, entry]) => entry);
  return {
    clusterRoles: list('clusterRoles'),
    clusterRoleBindings: list('clusterRoleBindings'),
    roles: list('roles'),
    roleBindings: list('roleBindings'),
  };
}

/** Reads the tables of `minor`. */
export function readEmulation(minor: string): Emulation {
  const hidden = hiddenAt(minor);
  const scheme = new Scheme(builtinTypeTables(hidden));
  installAll(scheme);
  const at = <V>(readText: ReadText) => tableAt(JSON.parse(readText()) as History<V>, minor);
  return {
    minor,
    resources: resourcesOf(builtinResources(), minor),
    hidden,
    scheme,
    gates: new Map(Object.entries(at<FeatureGate>(readGateHistory))),
    plugins: new Set(Object.keys(at<true>(readPluginHistory))),
    policy: policyAt(minor),
  };
}
