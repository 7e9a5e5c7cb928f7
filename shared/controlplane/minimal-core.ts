/** The core group's simplest resources, until the group has its own storages. */

import { nameIsDNSLabel, nameIsDNSSubdomain } from '../meta/validation/names.ts';
import { groupStorage, storedResource } from '../registry/generic/group-storage.ts';

const resource = (kind: string, namespaced: boolean, validateName = nameIsDNSSubdomain) =>
  storedResource({ version: 'v1', strategy: { kind: { group: '', kind }, namespaced, validateName } });

export const minimalCoreStorage = groupStorage('', {
  configmaps: resource('ConfigMap', true),
  secrets: resource('Secret', true),
  limitranges: resource('LimitRange', true),
  podtemplates: resource('PodTemplate', true),
  namespaces: (config, of) => {
    const status = resource('Namespace', false, nameIsDNSLabel)(config, of);
    return { '': status['']!, status: status['']!, finalize: status['']! };
  },
});
