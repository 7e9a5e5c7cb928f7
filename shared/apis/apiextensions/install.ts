import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { setDefaults as setDefaultsV1 } from './v1/defaults.ts';
import { definitionFromInternal, definitionToInternal } from './v1beta1/conversion.ts';
import { setDefaults as setDefaultsV1beta1 } from './v1beta1/defaults.ts';

/** Registers apiextensions.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'apiextensions.k8s.io',
    definitions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
    versions: ['v1', 'v1beta1'],
    kinds: {
      v1: { CustomResourceDefinition: { defaults: setDefaultsV1 } },
      v1beta1: {
        CustomResourceDefinition: {
          toInternal: definitionToInternal,
          fromInternal: definitionFromInternal,
          defaults: setDefaultsV1beta1,
        },
      },
    },
  });
}
