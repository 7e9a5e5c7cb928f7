import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { typeDefaults } from './v1/defaults.ts';

/** Registers the core group, whose name is '', and the defaults of its types wherever other groups use them. */
export function install(scheme: Scheme): void {
  installGroup(scheme, { group: '', definitions: 'io.k8s.api.core', versions: ['v1'] });
  for (const [definition, defaults] of typeDefaults()) scheme.addTypeDefaults(definition, defaults);
}
