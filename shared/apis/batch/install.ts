import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { setJobDefaults } from './v1/defaults.ts';
import { cronJobFromInternal } from './v2alpha1/conversion.ts';

/** Registers batch. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'batch',
    definitions: 'io.k8s.api.batch',
    versions: ['v1', 'v1beta1', 'v2alpha1'],
    kinds: {
      v1: { Job: { defaults: setJobDefaults } },
      v2alpha1: { CronJob: { fromInternal: cronJobFromInternal } },
    },
  });
}
