import { expect, test } from 'vitest';
import { applyRuntimeConfig, emulatedResourceConfig } from '../../../shared/apis/resource-config.ts';
import { parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import { readEmulation } from '../../../shared/server/emulation/emulation-tables.ts';
import { withLaterResources } from '../../../shared/server/later-resources.ts';
import { mapFlag } from '../../../shared/server/options/flag-types.ts';

/** The resources served beyond those of the minor because of the flags. */
function later(
  minor: string,
  flags: { forward?: boolean; explicit?: boolean; runtimeConfig?: string },
): string[] {
  const { resources, scheme } = readEmulation(minor);
  const config = emulatedResourceConfig(resources);
  const runtimeConfig = mapFlag(flags.runtimeConfig ?? '', undefined);
  applyRuntimeConfig(config, runtimeConfig, scheme);
  const given = {
    runtimeConfig,
    emulationForwardCompatible: flags.forward ?? false,
    runtimeConfigEmulationForwardCompatible: flags.explicit ?? false,
  };
  const table = withLaterResources(given, resources, config);
  return [...table].flatMap(([version, { resources: listed }]) =>
    Object.keys(listed)
      .filter((resource) => resources.get(version)?.resources[resource] === undefined)
      .filter((resource) => config.resourceEnabled({ ...parseGroupVersion(version)!, resource }))
      .map((resource) => `${version} ${resource}`),
  );
}

test.each([
  ['nothing without flags', '1.23', {}, []],
  [
    'newer versions of enabled resources, at least beta',
    '1.23',
    { forward: true },
    [
      'storage.k8s.io/v1 csistoragecapacities',
      'flowcontrol.apiserver.k8s.io/v1 flowschemas',
      'flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations',
    ],
  ],
  [
    'newer versions of an enabled beta',
    '1.32',
    { forward: true, runtimeConfig: 'networking.k8s.io/v1beta1/servicecidrs=true' },
    ['networking.k8s.io/v1 servicecidrs'],
  ],
  [
    // As kube-apiserver of the newest release responds.
    'newer versions of a beta group version enabled as a whole',
    '1.36',
    { forward: true, runtimeConfig: 'storagemigration.k8s.io/v1beta1=true,resource.k8s.io/v1beta2=true' },
    ['resource.k8s.io/v1 devicetaintrules', 'storagemigration.k8s.io/v1 storageversionmigrations'],
  ],
  [
    'no explicitly disabled versions',
    '1.32',
    {
      forward: true,
      runtimeConfig: 'networking.k8s.io/v1beta1=true,networking.k8s.io/v1/servicecidrs=false',
    },
    ['networking.k8s.io/v1 ipaddresses'],
  ],
  [
    'explicitly named versions',
    '1.32',
    {
      explicit: true,
      runtimeConfig: 'networking.k8s.io/v1/servicecidrs=true,storagemigration.k8s.io/v1=true',
    },
    ['networking.k8s.io/v1 servicecidrs', 'storagemigration.k8s.io/v1 storageversionmigrations'],
  ],
  ['no versions by a pattern', '1.32', { explicit: true, runtimeConfig: 'api/all=true' }, []],
])('%s', (_what, minor, flags, expected) => {
  expect(later(minor, flags)).toEqual(expected);
});
