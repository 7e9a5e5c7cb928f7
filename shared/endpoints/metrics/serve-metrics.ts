import type { StorageFactory } from '../../storage/storage.ts';
import { plainText } from '../codec/response-writers.ts';
import type { RequestHandler } from '../routing/handler.ts';
import { VERSION } from '../routing/version.ts';
import type { RequestMetrics } from './request-metrics.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `/metrics`: the requests', the objects', and those of the process, whose library is loaded when somebody asks. */
export function serveMetrics(
  metrics: RequestMetrics,
  storage: Pick<StorageFactory, 'objectCounts'>,
): RequestHandler {
  let ofProcess: Promise<() => Promise<string>> | undefined;
  return async () => {
    ofProcess ??= import('./process-metrics.ts').then(({ processMetrics }) => processMetrics());
    const text = `${metrics}${objectMetrics(storage)}${BUILD_INFO}${await (await ofProcess)()}`;
    const response = plainText(200, text);
    return { ...response, headers: { ...response.headers, 'content-type': CONTENT_TYPE } };
  };
}

const BUILD_INFO = [
  '# HELP kubernetes_build_info The release whose API is served.',
  '# TYPE kubernetes_build_info gauge',
  `kubernetes_build_info{major="${VERSION.major}",minor="${VERSION.minor}",git_version="${VERSION.gitVersion}",platform="${VERSION.platform}"} 1`,
  '',
].join('\n');

/** Of resources in memory: a count must not cost a read of all there is. */
function objectMetrics(storage: Pick<StorageFactory, 'objectCounts'>): string {
  const counts = [...storage.objectCounts()].map(([prefix, count]) => {
    const [group = '', resource = ''] = prefix.split('/').slice(-2);
    return { group: group === 'core' ? '' : group, resource, count };
  });
  return [
    '# HELP apiserver_resource_objects Stored objects of the resources that this process holds in memory.',
    '# TYPE apiserver_resource_objects gauge',
    ...counts.map(
      ({ group, resource, count }) =>
        `apiserver_resource_objects{group="${group}",resource="${resource}"} ${count}`,
    ),
    '# HELP apiserver_storage_objects The same, under its name before 1.34.',
    '# TYPE apiserver_storage_objects gauge',
    ...counts.map(
      ({ group, resource, count }) =>
        `apiserver_storage_objects{resource="${group === '' ? resource : `${resource}.${group}`}"} ${count}`,
    ),
    '',
  ].join('\n');
}
