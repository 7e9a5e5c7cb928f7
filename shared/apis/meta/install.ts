import type { Scheme } from '../../runtime/scheme.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta';
const GROUP = 'meta.k8s.io';
const VERSIONS = ['v1', 'v1beta1'];

/** Kinds without a group, encoded as `v1`. */
const UNVERSIONED = ['Status', 'APIVersions', 'APIGroupList', 'APIGroup', 'APIResourceList'];

/** The kinds of `/api` and `/api/v1`, which have no version of their own. */
const CORE_ROOTS = ['APIVersions', 'APIResourceList'];

/** Registers apimachinery's own kinds: unversioned answers in `v1`, tables and partial objects in `meta.k8s.io`. */
export function installMeta(scheme: Scheme): void {
  for (const kind of UNVERSIONED) {
    scheme.addKnownType({ gvk: { group: '', version: 'v1', kind }, definition: `${META}.v1.${kind}` });
  }
  for (const kind of CORE_ROOTS) {
    scheme.addKnownType({ gvk: { group: '', version: '', kind }, definition: `${META}.v1.${kind}` });
  }
  for (const version of VERSIONS) {
    scheme.addVersion({ group: GROUP, version }, () => installVersion(scheme, version));
  }
  scheme.setVersionPriority(GROUP, VERSIONS);
}

function installVersion(scheme: Scheme, version: string): void {
  for (const [definition, { gvk }] of Object.entries(scheme.tables.table(`${META}.${version}`))) {
    const kind = definition.slice(definition.lastIndexOf('.') + 1);
    // Options belong to every group; in this one they are used for requests of any group.
    const isOptions = gvk === '*' && version === 'v1';
    if (!isOptions && gvk !== `${GROUP}/${version}/${kind}`) continue;
    scheme.addKnownType({ gvk: { group: GROUP, version, kind }, definition });
  }
}
