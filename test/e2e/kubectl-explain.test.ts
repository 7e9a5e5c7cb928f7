/** kubectl's use of the OpenAPI description: explanations, and validation of manifests. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer();
}, 60_000);
afterAll(() => server.stop());

describe('kubectl explain', () => {
  test('a field of a kind', async () => {
    const text = await server.run(['explain', 'deployment.spec.strategy']);
    expect(text.replace(/ +$/gm, '')).toBe(`GROUP:      apps
KIND:       Deployment
VERSION:    v1

FIELD: strategy <DeploymentStrategy>


DESCRIPTION:
    The deployment strategy to use to replace existing pods with new ones.
    DeploymentStrategy describes how to replace existing pods with new ones.

FIELDS:
  rollingUpdate	<RollingUpdateDeployment>
    Rolling update config params. Present only if DeploymentStrategyType =
    RollingUpdate.

  type	<string>
  enum: Recreate, RollingUpdate
    Type of deployment. Can be "Recreate" or "RollingUpdate". Default is
    RollingUpdate.

    Possible enum values:
     - \`"Recreate"\` Kill all existing pods before creating new ones.
     - \`"RollingUpdate"\` Replace the old ReplicaSets by new one using rolling
    update i.e gradually scale down the old ReplicaSets and scale up the new
    one.


`);
  });

  test('all fields of a kind', async () => {
    const text = await server.run(['explain', 'configmap', '--recursive']);
    expect(text).toMatch(/^KIND: {7}ConfigMap\nVERSION: {4}v1\n/);
    expect(text).toContain('  binaryData\t<map[string]string>\n');
    expect(text).toContain(
      '    ownerReferences\t<[]OwnerReference>\n      apiVersion\t<string> -required-\n',
    );
  });

  test('a group version of several', async () => {
    const text = await server.run(['explain', 'hpa.spec.metrics', '--api-version=autoscaling/v2']);
    expect(text).toContain('FIELD: metrics <[]MetricSpec>');
  });

  test('a missing field', async () => {
    const { code, stderr } = await server.kubectl(['explain', 'configmap.spec']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: field "spec" does not exist\n' });
  });
});

const manifest = (fields: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: checked\n${fields}`;

describe('kubectl create --validate', () => {
  test.each([
    [
      'a field that does not exist',
      'date: {a: b}\n',
      'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "date"\n',
    ],
    [
      'a field of another type',
      'data: {a: 1}\n',
      'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string\n',
    ],
  ])('strict: %s', async (_name, fields, stderr) => {
    const result = await server.kubectl(['create', '--validate=strict', '-f', '-'], manifest(fields));
    expect(result).toEqual({ code: 1, stdout: '', stderr });
  });

  test('warn: unknown fields are dropped', async () => {
    const result = await server.kubectl(['create', '--validate=warn', '-f', '-'], manifest('date: {a: b}\n'));
    expect(result).toEqual({
      code: 0,
      stdout: 'configmap/checked created\n',
      stderr: 'Warning: unknown field "date"\n',
    });
  });
});

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        description: A widget of the shop.
        type: object
        properties:
          spec:
            description: What is wanted.
            type: object
            required: [size]
            properties:
              size: {description: In inches., type: integer}
              port: {x-kubernetes-int-or-string: true}
              color: {type: string, enum: [red, green]}
`;

describe('a custom resource', () => {
  beforeAll(async () => {
    await server.run(['apply', '-f', '-'], DEFINITION);
    await server.run(['wait', '--for=condition=Established', 'crd/widgets.stable.example.com']);
  }, 30_000);

  test('is explained', async () => {
    const text = await server.run(['explain', 'widgets.spec']);
    expect(text.replace(/ +$/gm, '')).toBe(`GROUP:      stable.example.com
KIND:       Widget
VERSION:    v1

FIELD: spec <Object>


DESCRIPTION:
    What is wanted.

FIELDS:
  color	<string>
  enum: red, green
    <no description>

  port	<Object>
    <no description>

  size	<integer> -required-
    In inches.


`);
  });

  test('has the metadata of all objects', async () => {
    const text = await server.run(['explain', 'widgets']);
    expect(text).toMatch(/ {2}metadata\t<ObjectMeta>\n {4}Standard object's metadata\. More info:/);
    const metadata = await server.run(['explain', 'widgets.metadata']);
    expect(metadata).toMatch(
      /DESCRIPTION:\n {4}Standard object's metadata\. More info:[\s\S]* {2}creationTimestamp\t/,
    );
  });

  test('is validated', async () => {
    const widget = `apiVersion: stable.example.com/v1\nkind: Widget\nmetadata: {name: a}\n`;
    const unknown = await server.kubectl(['create', '-f', '-'], `${widget}spec: {size: 1, sice: 2}\n`);
    expect(unknown.stderr).toBe(
      'Error from server (BadRequest): error when creating "STDIN": Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.sice"\n',
    );
    const missing = await server.kubectl(['create', '-f', '-'], `${widget}spec: {}\n`);
    expect(missing.stderr).toBe('The Widget "a" is invalid: spec.size: Required value\n');
    expect(await server.run(['apply', '-f', '-'], `${widget}spec: {size: 3}\n`)).toBe(
      'widget.stable.example.com/a created\n',
    );
    expect(await server.run(['apply', '-f', '-'], `${widget}spec: {size: 3, port: http}\n`)).toBe(
      'widget.stable.example.com/a configured\n',
    );
  });
});
