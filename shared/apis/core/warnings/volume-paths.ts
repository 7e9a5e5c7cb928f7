/** Warns about files of volumes that overwrite each other. */

import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import { trimEnd } from '../../../util/trim.ts';
import type { Volume, VolumeProjection } from '../v1/types.ts';

/** A path in a volume with its source; '' if the volume has only one source. */
interface SourcedPath {
  readonly path: string;
  readonly source: string;
}

const describe = ({ path, source }: SourcedPath): string =>
  source === '' ? quote(path) : `${quote(path)} (${source})`;

/** Maximum number of paths checked per volume, each of which is compared with all earlier ones. */
const MAX_COMPARED = 300;
/** Far more than fits into the warnings of an answer. */
const MAX_REPORTED = 1_000;

/** Returns a text for each path that equals, contains or is inside an earlier one. */
class PathOverlaps {
  readonly #paths: (SourcedPath & { readonly folder: string })[] = [];

  add({ path, source }: SourcedPath): string[] {
    if (this.#paths.length >= MAX_COMPARED) return [];
    const trimmed = trimEnd(path, '/');
    if (trimmed === '') return [];
    const added = { path: trimmed, source, folder: `${trimmed}/` };
    const overlaps = this.#paths.filter(
      ({ folder }) => folder.startsWith(added.folder) || added.folder.startsWith(folder),
    );
    this.#paths.push(added);
    return overlaps.map((other) => `${describe(added)} with ${describe(other)}`);
  }
}

type Items = readonly { readonly path: string }[] | undefined;

const pathsOf = (items: Items, source = ''): SourcedPath[] =>
  (items ?? []).map(({ path }) => ({ path, source }));

function projectedPaths(projection: VolumeProjection): SourcedPath[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } =
    projection;
  if (configMap?.items) return pathsOf(configMap.items, `ConfigMap ${quote(configMap.name ?? '')}`);
  if (secret?.items) return pathsOf(secret.items, `Secret ${quote(secret.name ?? '')}`);
  if (downwardAPI?.items) return pathsOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken) return [{ path: serviceAccountToken.path, source: 'ServiceAccountToken' }];
  if (clusterTrustBundle) {
    const name = clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? '';
    return [{ path: clusterTrustBundle.path, source: `ClusterTrustBundle ${quote(name)}` }];
  }
  const { certificateChainPath, keyPath, credentialBundlePath } = podCertificate ?? {};
  return [
    { path: certificateChainPath ?? '', source: 'PodCertificate chain' },
    { path: keyPath ?? '', source: 'PodCertificate key' },
    { path: credentialBundlePath ?? '', source: 'PodCertificate credential bundle' },
  ].filter(({ path }) => path !== '');
}

export function warningsForOverlappingPaths(volumes: readonly Volume[]): string[] {
  const warnings: string[] = [];
  for (const volume of volumes) {
    if (warnings.length >= MAX_REPORTED) break;
    appendAll(warnings, warningsOf(volume));
  }
  return warnings;
}

function warningsOf(volume: Volume): string[] {
  const { name, configMap, secret, downwardAPI, projected } = volume;
  const overlaps = (source: string, paths: readonly SourcedPath[], seen = new PathOverlaps()): string[] =>
    paths
      .flatMap((path) => seen.add(path))
      .map((text) => `volume ${quote(name)} (${source}): overlapping paths: ${text}`);
  const warnings = [
    ...overlaps(`ConfigMap ${quote(configMap?.name ?? '')}`, pathsOf(configMap?.items)),
    ...overlaps(`Secret ${quote(secret?.secretName ?? '')}`, pathsOf(secret?.items)),
    ...overlaps('DownwardAPI', pathsOf(downwardAPI?.items)),
  ];
  const seen = new PathOverlaps();
  for (const projection of projected?.sources ?? []) {
    if (Object.values(projection).every((source) => source === undefined)) {
      warnings.push(`volume ${quote(name)} (Projected) has no sources provided`);
    } else {
      appendAll(warnings, overlaps('Projected', projectedPaths(projection), seen));
    }
  }
  return warnings;
}
