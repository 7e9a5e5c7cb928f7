import type { APIGroup } from '../install-group.ts';
import typesV1alpha1 from './v1alpha1/types.json?text';

export const apiserverinternal: APIGroup = {
  group: 'internal.apiserver.k8s.io',
  definitions: 'io.k8s.api.apiserverinternal',
  priority: 16000,
  versions: {
    v1alpha1: { types: typesV1alpha1, priority: 9 },
  },
};
