import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { NodeListers } from './node-index.ts';

export function nodeListers(resources: ResourceAccess): NodeListers {
  return {
    pods: resources.lister({ group: '', resource: 'pods' }),
    persistentVolumes: resources.lister({ group: '', resource: 'persistentvolumes' }),
    volumeAttachments: resources.lister({ group: 'storage.k8s.io', resource: 'volumeattachments' }),
    resourceSlices: resources.lister({ group: 'resource.k8s.io', resource: 'resourceslices' }),
    podCertificateRequests: resources.lister({
      group: 'certificates.k8s.io',
      resource: 'podcertificaterequests',
    }),
  };
}
