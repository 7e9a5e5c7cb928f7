/** The dashboard and the alarms use metrics that are actually sent. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METRIC_UNITS, METRICS_NAMESPACE } from '../../../functions/adapter/embedded-metrics.ts';
import { DASHBOARD_PICTURE, drawDashboard } from '../../../infra/build/dashboard-picture.ts';
import { parsePlainTemplate } from '../../../infra/build/plain-template.ts';

const root = join(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'infra/deploy/observe.yaml'), 'utf8');

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
}
interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties: {
          readonly AlarmDescription?: string;
          readonly DashboardBody?: string;
          readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: Metric } }[];
        };
      }
    >
  >;
}

const { Resources } = parsePlainTemplate<Template>(text);
const FUNCTIONS = readdirSync(join(root, 'functions')).filter((name) => name !== 'adapter');

function* ownMetrics(): Generator<{
  readonly name: string;
  readonly dimension: string;
  readonly value: string;
}> {
  for (const { Properties } of Object.values(Resources)) {
    for (const { MetricStat } of Properties.Metrics ?? []) {
      if (MetricStat?.Metric.Namespace !== METRICS_NAMESPACE) continue;
      const { MetricName, Dimensions = [] } = MetricStat.Metric;
      for (const { Name, Value } of Dimensions) yield { name: MetricName, dimension: Name, value: Value };
    }
    if (Properties.DashboardBody === undefined) continue;
    const { widgets } = JSON.parse(Properties.DashboardBody) as {
      widgets: { properties: { metrics?: unknown[][] } }[];
    };
    for (const { properties } of widgets) {
      for (const [namespace, name, dimension, value] of properties.metrics ?? []) {
        if (namespace !== METRICS_NAMESPACE) continue;
        yield { name: name as string, dimension: dimension as string, value: value as string };
      }
    }
  }
}

test('every metric is sent by an existing function', () => {
  const seen = [...ownMetrics()];
  expect(seen.filter(({ name }) => !Object.hasOwn(METRIC_UNITS, name))).toEqual([]);
  expect(
    seen.filter(({ dimension, value }) => dimension !== 'Function' || !FUNCTIONS.includes(value)),
  ).toEqual([]);
  expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(Object.keys(METRIC_UNITS)));
});

test('the picture of the dashboard is up to date (npm run draw)', () => {
  const picture = readFileSync(DASHBOARD_PICTURE, 'utf8');
  expect(picture).toBe(drawDashboard(text));
  const { widgets } = JSON.parse(Resources['Dashboard']!.Properties.DashboardBody!) as {
    widgets: { properties: { title?: string } }[];
  };
  for (const { properties } of widgets) {
    if (properties.title !== undefined)
      expect(picture).toContain(`>${properties.title.replaceAll('&', '&amp;')}<`);
  }
});

test('alarms describe the remedy', () => {
  const alarms = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');
  expect(alarms.map(([name]) => name)).toEqual([
    'ServerErrors',
    'SlowAnswers',
    'TooManyRequests',
    'ControllerFailures',
    'DailyCost',
    'LambdaThrottles',
    'Concurrency',
    'IteratorAge',
    'TableThrottles',
  ]);
  for (const [name, { Properties }] of alarms) {
    expect(Properties.AlarmDescription, name).toMatch(/^[A-Z].*\. .*\. See RUNBOOK\.md\.$/);
  }
});

test('the runbook has exactly the alarms', () => {
  const folder = join(root, 'infra/deploy');
  const alarms = ['observe.yaml', 'template.yaml', 'fleet.yaml'].flatMap((file) =>
    Object.entries(parsePlainTemplate<Template>(readFileSync(join(folder, file), 'utf8')).Resources)
      .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
      .map(([name]) => name),
  );
  const runbook = readFileSync(join(folder, 'RUNBOOK.md'), 'utf8');
  const headings = [...runbook.matchAll(/^## (.*)$/gm)].map(([, name]) => name);
  expect(headings).toEqual([...new Set(alarms)]);
  // Names in queries refer to log fields that functions write.
  const queries = [...runbook.matchAll(/^```\n(.*?)^```/gms)].map(([, query = '']) => query).join();
  const metrics = queries.match(/\b[A-Z][a-z]+[A-Z]?\w*/g)!;
  expect(metrics.filter((name) => !Object.hasOwn(METRIC_UNITS, name))).toEqual([]);
});
