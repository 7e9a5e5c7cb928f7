import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import { setDefaults as setDefaultsV1 } from './v1/defaults.ts';
import typesV1 from './v1/types.json?text';
import { definitionFromInternal, definitionToInternal } from './v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import { setDefaults as setDefaultsV1beta1 } from './v1beta1/defaults.ts';
import typesV1beta1 from './v1beta1/types.json?text';

export const apiextensions: APIGroup = {
  group: 'apiextensions.k8s.io',
  definitions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  priority: 16700,
  versions: {
    v1: {
      types: typesV1,
      defaults: defaultsV1,
      priority: 15,
      kinds: { CustomResourceDefinition: { defaults: setDefaultsV1 } },
    },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 9,
      kinds: {
        CustomResourceDefinition: {
          toInternal: definitionToInternal,
          fromInternal: definitionFromInternal,
          defaults: setDefaultsV1beta1,
        },
      },
    },
  },
};
