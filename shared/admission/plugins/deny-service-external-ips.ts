import type { Service } from '../../apis/core/v1/types.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';

/** Rejects new external IPs of Services; existing ones may stay (CVE-2020-8554). */
export const denyServiceExternalIPs: AdmissionPluginFactory = () => ({
  name: 'DenyServiceExternalIPs',
  handles: operations('CREATE', 'UPDATE'),
  async validate(attributes) {
    if (!isWhole(attributes, '', 'services')) return;
    const old = new Set((attributes.oldObject as Service | undefined)?.spec.externalIPs);
    const added = ((attributes.object as Service).spec.externalIPs ?? []).some((ip) => !old.has(ip));
    if (added) throw forbidden(attributes, 'Use of external IPs is denied by admission control');
  },
});
