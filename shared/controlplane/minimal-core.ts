/** The core group's simplest resources, until the group has its own storages. */

import { nameIsDNSLabel, nameIsDNSSubdomain } from '../meta/validation/names.ts';
import { type BuildResource, groupStorage, storedResource } from '../registry/generic/group-storage.ts';

const resource = (kind: string, namespaced: boolean, validateName = nameIsDNSSubdomain) =>
  storedResource({ version: 'v1', strategy: { kind: { group: '', kind }, namespaced, validateName } });

const withStatus =
  (build: BuildResource): BuildResource =>
  (config, of) => {
    const storages = build(config, of);
    return { ...storages, status: storages['']! };
  };

export const minimalCoreStorage = groupStorage('', {
  configmaps: resource('ConfigMap', true),
  secrets: resource('Secret', true),
  limitranges: resource('LimitRange', true),
  podtemplates: resource('PodTemplate', true),
  endpoints: resource('Endpoints', true),
  events: resource('Event', true),
  resourcequotas: withStatus(resource('ResourceQuota', true)),
  persistentvolumeclaims: withStatus(resource('PersistentVolumeClaim', true)),
  persistentvolumes: withStatus(resource('PersistentVolume', false)),
  namespaces: (config, of) => {
    const status = resource('Namespace', false, nameIsDNSLabel)(config, of);
    return { '': status['']!, status: status['']!, finalize: status['']! };
  },
});
