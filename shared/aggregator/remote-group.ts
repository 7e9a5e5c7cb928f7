import { writeMetaObject } from '../endpoints/codec/response.ts';
import type { ServingContext } from '../endpoints/routing/serving-context.ts';
import type { ApiResponse } from '../request/api-request.ts';
import { formatGroupVersion } from '../runtime/group-version.ts';
import type { RuntimeObject } from '../runtime/scheme.ts';
import type { CodecFactory } from '../runtime/serializer/codec-factory.ts';
import type { RemoteAPIService } from './remote-servers.ts';

/** The `/apis/<group>` document of a group served by remote servers; undefined for others. */
export async function remoteGroup(
  context: ServingContext,
  codecs: CodecFactory,
  { group, all }: { readonly group: string; readonly all: ReadonlyMap<string, RemoteAPIService> },
): Promise<ApiResponse | undefined> {
  const versions = [...all.values()]
    .filter(({ apiService }) => apiService.spec.group === group)
    .sort((a, b) => b.apiService.spec.versionPriority - a.apiService.spec.versionPriority)
    .map(({ apiService: { spec } }) => ({
      groupVersion: formatGroupVersion({ group, version: spec.version ?? '' }),
      version: spec.version ?? '',
    }));
  if (versions.length === 0) return undefined;
  return writeMetaObject(context, codecs, {
    kind: 'APIGroup',
    apiVersion: 'v1',
    name: group,
    versions,
    preferredVersion: versions[0],
  } as RuntimeObject);
}
