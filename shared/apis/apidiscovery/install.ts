import type { APIGroup } from '../install-group.ts';
import typesV2 from './v2/types.json?text';
import typesV2beta1 from './v2beta1/types.json?text';

export const apidiscovery: APIGroup = {
  group: 'apidiscovery.k8s.io',
  definitions: 'io.k8s.api.apidiscovery',
  versions: {
    v2: { types: typesV2 },
    v2beta1: { types: typesV2beta1 },
  },
};
