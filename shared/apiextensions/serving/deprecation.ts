import { type DefinitionSpec, versionsOf } from '../../apis/apiextensions/definition.ts';
import type { CustomResourceDefinitionVersion } from '../../apis/apiextensions/v1/types.ts';
import { compareKubeVersions } from '../../util/kube-version.ts';

/** The warning for a deprecated version: its own, or a generated one that names a better version. */
export function deprecationOf(
  spec: DefinitionSpec,
  { name, deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
): string | undefined {
  if (!deprecated) return undefined;
  if (deprecationWarning !== undefined) return deprecationWarning;
  const { group, names } = spec;
  const [better] = versionsOf(spec)
    .filter((version) => version.served && !version.deprecated && compareKubeVersions(version.name, name) > 0)
    .map((version) => version.name)
    .sort((a, b) => compareKubeVersions(b, a));
  const warning = `${group}/${name} ${names.kind} is deprecated`;
  return better === undefined ? warning : `${warning}; use ${group}/${better} ${names.kind}`;
}
