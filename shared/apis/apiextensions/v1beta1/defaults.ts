/** https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/v1beta1/defaults.go */

import { setNamesDefaults, setStoredVersionsDefault } from '../v1/defaults.ts';
import type { CustomResourceDefinition } from './types.ts';

export function setDefaults(definition: CustomResourceDefinition): void {
  const { spec } = definition;
  if (!spec.scope) spec.scope = 'Namespaced';
  setNamesDefaults(spec.names);
  const versions = spec.versions ?? [];
  if (versions.length === 0 && spec.version) {
    spec.versions = [{ name: spec.version, served: true, storage: true }];
  } else if (versions.length > 0 && !spec.version) spec.version = versions[0]!.name;
  spec.conversion ??= { strategy: 'None' };
  const { conversion } = spec;
  if (conversion.strategy === 'Webhook' && (conversion.conversionReviewVersions ?? []).length === 0) {
    conversion.conversionReviewVersions = ['v1beta1'];
  }
  spec.preserveUnknownFields ??= true;
  setStoredVersionsDefault(definition);
}
