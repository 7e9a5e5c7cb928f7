import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers the core group, whose name is ''. */
export function install(scheme: Scheme): void {
  installGroup(scheme, { group: '', definitions: 'io.k8s.api.core', versions: ['v1'] });
}
