import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import { typeDefaults } from './v1/defaults.ts';
import typesV1 from './v1/types.json?text';

/** The core group, whose name is empty, and defaults of its types for all groups that use them. */
export const core: APIGroup = {
  group: '',
  definitions: 'io.k8s.api.core',
  priority: 18000,
  versions: {
    v1: { types: typesV1, defaults: defaultsV1, priority: 1 },
  },
  typeDefaults,
};
