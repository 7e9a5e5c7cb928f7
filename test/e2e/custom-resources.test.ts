import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../fixtures/webhook-server.ts';

let server: LocalServer;
let webhook: WebhookServer;
beforeAll(async () => {
  [server, webhook] = await Promise.all([
    startLocalServer(),
    testAuthority().then((ca) => startWebhookServer(ca)),
  ]);
});
afterAll(async () => {
  await webhook.close();
  await server.stop();
});

const run = (...args: string[]) => server.run(args);
const apply = (manifest: string, ...args: string[]) => server.run(['apply', '-f', '-', ...args], manifest);
async function fails(args: string[], input?: string): Promise<string> {
  const { code, stderr } = await server.kubectl(args, input);
  expect(code).not.toBe(0);
  return stderr.trim();
}

const CRONTABS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: crontabs.stable.example.com
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale:
          specReplicasPath: .spec.replicas
          statusReplicasPath: .status.replicas
          labelSelectorPath: .status.labelSelector
      selectableFields: [{jsonPath: .spec.image}]
      additionalPrinterColumns:
        - {name: Spec, type: string, description: When it runs., jsonPath: .spec.cronSpec}
        - {name: Replicas, type: integer, jsonPath: .spec.replicas}
        - {name: Image, type: string, jsonPath: .spec.image, priority: 1}
      schema:
        openAPIV3Schema:
          description: Runs things regularly.
          type: object
          properties:
            spec:
              description: What runs when.
              type: object
              required: [cronSpec]
              x-kubernetes-validations:
                - {rule: '!has(self.replicas) || self.replicas <= 10', message: ten at most}
              properties:
                cronSpec: {description: Five fields., type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'}
                image: {type: string, default: busybox}
                replicas: {type: integer, minimum: 1}
            status:
              type: object
              properties: {replicas: {type: integer}, labelSelector: {type: string}}
`;
/** The same manifest with other names, in another group. */
const renamed = (manifest: string, kind: string): string =>
  manifest
    .replaceAll('stable.example.com', `${kind.toLowerCase()}.example.com`)
    .replaceAll('crontab', kind.toLowerCase())
    .replaceAll('CronTab', kind)
    .replace('[ct]', '[]')
    .replace('[all]', '[]');

const crontab = (name: string, spec = '') => `
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: ${name}}
spec: {cronSpec: '* * * * */5'${spec}}
`;

describe('kubectl', () => {
  beforeAll(() => apply(CRONTABS));

  test('applies an object as soon as it has applied its definition', async () => {
    await apply(renamed(CRONTABS, 'Both'));
    expect(await apply(renamed(crontab('now'), 'Both'))).toBe('both.both.example.com/now created\n');
    expect(await run('delete', 'crd', 'boths.both.example.com')).toBe(
      'customresourcedefinition.apiextensions.k8s.io "boths.both.example.com" deleted\n',
    );
  });

  test('applies, patches, labels, and shows differences', async () => {
    expect(await apply(crontab('one'))).toBe('crontab.stable.example.com/one created\n');
    expect(await apply(crontab('one'))).toBe('crontab.stable.example.com/one unchanged\n');
    expect(await apply(crontab('one', ', replicas: 2'))).toBe('crontab.stable.example.com/one configured\n');
    const { stdout } = await server.kubectl(['diff', '-f', '-'], crontab('one', ', replicas: 3'));
    expect(stdout).toContain('-  replicas: 2\n+  replicas: 3\n');
    await run('patch', 'crontab', 'one', '--type=merge', '-p', '{"spec":{"image":"alpine"}}');
    await run('label', 'ct', 'one', 'tier=test');
    const object = JSON.parse(await run('get', 'ct/one', '-o', 'json')) as object;
    expect(object).toMatchObject({
      apiVersion: 'stable.example.com/v1',
      kind: 'CronTab',
      metadata: { name: 'one', generation: 3, labels: { tier: 'test' } },
      spec: { cronSpec: '* * * * */5', image: 'alpine', replicas: 2 },
    });
  });

  test('applies server-side, and reports conflicts', async () => {
    await apply(crontab('ssa', ', replicas: 1'), '--server-side', '--field-manager=a');
    const conflict = await fails(
      ['apply', '-f', '-', '--server-side', '--field-manager=b'],
      crontab('ssa', ', replicas: 2'),
    );
    expect(conflict).toContain('Apply failed with 1 conflict: conflict with "a": .spec.replicas');
    expect(
      await apply(crontab('ssa', ', replicas: 2'), '--server-side', '--field-manager=b', '--force-conflicts'),
    ).toBe('crontab.stable.example.com/ssa serverside-applied\n');
  });

  test.each([
    [
      crontab('bad', ', unknown: 1'),
      'Error from server (BadRequest): error when creating "STDIN": CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: unknown field "spec.unknown"',
    ],
    [
      crontab('bad', ', replicas: many'),
      'The CronTab "bad" is invalid: \n* spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
    ],
    [crontab('bad', ', replicas: 11'), 'The CronTab "bad" is invalid: spec: Invalid value: ten at most'],
  ])('reports validation errors', async (manifest, message) => {
    expect(await fails(['create', '-f', '-'], manifest)).toContain(message);
  });

  test('shows the columns of the definition', async () => {
    await apply(crontab('shown', ', replicas: 4'));
    expect(await run('get', 'ct', 'shown')).toBe('NAME    SPEC          REPLICAS\nshown   * * * * */5   4\n');
    expect(await run('get', 'ct', 'shown', '-o', 'wide')).toBe(
      'NAME    SPEC          REPLICAS   IMAGE\nshown   * * * * */5   4          busybox\n',
    );
    expect(await run('get', 'all')).toContain('crontab.stable.example.com/shown ');
    await apply(crontab('selected', ', image: special'));
    expect(await run('get', 'ct', '--field-selector', 'spec.image=special', '-o', 'name')).toBe(
      'crontab.stable.example.com/selected\n',
    );
  });

  test('explains the schema', async () => {
    const text = await run('explain', 'crontab.spec');
    expect(text).toContain('KIND:       CronTab');
    expect(text).toContain('What runs when.');
    expect(text).toMatch(/cronSpec\s+<string> -required-\s+Five fields\./);
    expect(await run('explain', 'ct.spec.replicas')).toContain('FIELD: replicas <integer>');
  });

  test('scales, and writes the status', async () => {
    await apply(crontab('scaled', ', replicas: 1'));
    expect(await run('scale', 'ct/scaled', '--replicas=3')).toBe(
      'crontab.stable.example.com/scaled scaled\n',
    );
    const patch = '{"status":{"replicas":3,"labelSelector":"a=b"}}';
    await run('patch', 'ct', 'scaled', '--subresource=status', '--type=merge', '-p', patch);
    const scale = await run('get', 'ct', 'scaled', '--subresource=scale', '-o', 'json');
    expect(JSON.parse(scale)).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 3 },
      status: { replicas: 3, selector: 'a=b' },
    });
    const wait = ['wait', '--for=jsonpath={.status.replicas}=3', 'ct/scaled', '--timeout=10s'];
    expect(await run(...wait)).toBe('crontab.stable.example.com/scaled condition met\n');
  });

  test('finds the resources of a definition, and waits for them', async () => {
    expect(await run('api-resources', '--api-group=stable.example.com', '--no-headers')).toMatch(
      /^crontabs\s+ct\s+stable\.example\.com\/v1\s+true\s+CronTab\n$/,
    );
    expect(await run('wait', '--for=condition=Established', 'crd/crontabs.stable.example.com')).toBe(
      'customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com condition met\n',
    );
    expect(await run('get', 'crd', '--no-headers')).toMatch(
      /^crontabs\.stable\.example\.com\s+Namespaced\s+v1\(storage\)\s+\S+Z\n$/,
    );
  });

  test('deletes objects with their owners', async () => {
    await apply(crontab('owner'));
    const uid = await run('get', 'ct', 'owner', '-o', 'jsonpath={.metadata.uid}');
    const owner = `{apiVersion: stable.example.com/v1, kind: CronTab, name: owner, uid: ${uid}}`;
    await apply(crontab('owned').replace('{name: owned}', `{name: owned, ownerReferences: [${owner}]}`));
    await run('delete', 'ct', 'owner', '--cascade=foreground');
    expect(await fails(['get', 'ct', 'owned'])).toContain('"owned" not found');
  });

  test('deletes a definition with all its objects', async () => {
    await apply(renamed(CRONTABS, 'Gone'));
    await apply(renamed(crontab('a'), 'Gone'));
    await apply(renamed(crontab('b'), 'Gone'));
    await run('delete', 'crd', 'gones.gone.example.com');
    expect(await fails(['get', '--raw', '/apis/gone.example.com/v1/gones'])).toContain(
      'the server could not find the requested resource',
    );
  });
});

describe('two versions and a webhook', () => {
  interface Host {
    apiVersion: string;
    spec: { hostPort?: string; host?: string; port?: string };
  }
  const twoVersions = () => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: hosts.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: hosts, singular: host, kind: Host}
  conversion:
    strategy: Webhook
    webhook:
      clientConfig: {url: '${webhook.url}', caBundle: ${webhook.caBundle}}
      conversionReviewVersions: [v1]
  versions:
    - name: v1beta1
      served: true
      storage: true
      deprecated: true
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {hostPort: {type: string}}}}}}
    - name: v1
      served: true
      storage: false
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {host: {type: string}, port: {type: string}}}}}}
`;

  test('kubectl works with each version, and the stored version changes', async () => {
    webhook.behave(({ request }) => {
      const { desiredAPIVersion, objects } = request as unknown as {
        desiredAPIVersion: string;
        objects: Host[];
      };
      const convertedObjects = objects.map(({ spec, ...rest }) => {
        const [host, port] = (spec.hostPort ?? `${spec.host}:${spec.port}`).split(':');
        const isOld = desiredAPIVersion.endsWith('v1beta1');
        return {
          ...rest,
          apiVersion: desiredAPIVersion,
          spec: isOld ? { hostPort: `${host}:${port}` } : { host, port },
        };
      });
      return { result: { status: 'Success' }, convertedObjects };
    });
    await apply(twoVersions());
    const created = await server.kubectl(
      ['create', '-f', '-'],
      'apiVersion: stable.example.com/v1beta1\nkind: Host\nmetadata: {name: a}\nspec: {hostPort: "a:80"}\n',
    );
    expect(created).toMatchObject({
      code: 0,
      stdout: 'host.stable.example.com/a created\n',
      stderr: 'Warning: stable.example.com/v1beta1 Host is deprecated; use stable.example.com/v1 Host\n',
    });
    const spec = async (version: string) =>
      JSON.parse(await run('get', `hosts.${version}.stable.example.com`, 'a', '-o', 'jsonpath={.spec}'));
    expect(await spec('v1')).toEqual({ host: 'a', port: '80' });
    expect(await spec('v1beta1')).toEqual({ hostPort: 'a:80' });

    const move = [
      { op: 'replace', path: '/spec/versions/0/storage', value: false },
      { op: 'replace', path: '/spec/versions/1/storage', value: true },
    ];
    await run('patch', 'crd', 'hosts.stable.example.com', '--type=json', '-p', JSON.stringify(move));
    await run('patch', 'hosts.v1.stable.example.com', 'a', '--type=merge', '-p', '{"spec":{"port":"81"}}');
    expect(await spec('v1beta1')).toEqual({ hostPort: 'a:81' });
    const storedVersions = [
      'get',
      'crd',
      'hosts.stable.example.com',
      '-o',
      'jsonpath={.status.storedVersions}',
    ];
    expect(await run(...storedVersions)).toBe('["v1beta1","v1"]');
  });
});
