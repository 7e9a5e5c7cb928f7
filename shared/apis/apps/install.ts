import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers apps. */
export function install(scheme: Scheme): void {
  installGroup(scheme, { group: 'apps', definitions: 'io.k8s.api.apps', versions: ['v1'] });
}
