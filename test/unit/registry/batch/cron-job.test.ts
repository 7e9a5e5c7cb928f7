import { expect, test } from 'vitest';
import { cronScheduleError } from '../../../../shared/apis/batch/validation/cron-schedule.ts';
import { cronJobStrategy } from '../../../../shared/registry/batch/cronjob/strategy.ts';
import { createCauses, updateOutcome } from '../../../fixtures/strategy-causes.ts';

const template = {
  spec: {
    restartPolicy: 'Never',
    containers: [{ name: 'c', image: 'img:1', imagePullPolicy: 'IfNotPresent' }],
  },
};
const cronJob = (spec: object, jobSpec: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  spec: { schedule: '* * * * *', jobTemplate: { spec: { template, ...jobSpec } }, ...spec },
});

// Messages of github.com/robfig/cron v3.
test.each<[string, string | undefined]>([
  ['* * * * *', undefined],
  ['*/5 0-6,12 1 jan-MAR mon', undefined],
  ['0 12 ? * 0', undefined],
  ['3/7 * * * *', undefined],
  ['@hourly', undefined],
  ['@every 1h30m', undefined],
  ['TZ=Europe/Paris 0 0 * * *', undefined],
  ['', 'empty spec string'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-3 * * * *', 'beginning of range (5) beyond end of range (3): 5-3'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
  ['* * * feb sunday', 'failed to parse int from sunday: strconv.Atoi: parsing "sunday": invalid syntax'],
  [
    '99999999999999999999 * * * *',
    'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
  ['@fortnightly', 'unrecognized descriptor: @fortnightly'],
  ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ['TZ=Mars/Base 0 0 * * *', 'provided bad location Mars/Base: unknown time zone Mars/Base'],
  ['TZ=UTC', 'invalid schedule format: runtime error: slice bounds out of range [3:-1]'],
])('schedule %j', (schedule, error) => {
  expect(cronScheduleError(schedule)).toBe(error);
});

test.each<[string, object, string[]]>([
  ['the minimum', cronJob({}), []],
  ['a zone', cronJob({ timeZone: 'Asia/Kolkata' }), []],
  ['no schedule', cronJob({ schedule: undefined }), ['spec.schedule: Required value']],
  [
    'a zone in the schedule',
    cronJob({ schedule: 'TZ=UTC 0 0 * * *' }),
    [
      'spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    'an empty zone',
    cronJob({ timeZone: '' }),
    ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  ],
  [
    'an unknown zone',
    cronJob({ timeZone: 'Mars/Base' }),
    ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
  ],
  [
    'a zone in the wrong case',
    cronJob({ timeZone: 'europe/paris' }),
    ['spec.timeZone: Invalid value: "europe/paris": unknown time zone europe/paris'],
  ],
  [
    'a path',
    cronJob({ timeZone: '../etc' }),
    ['spec.timeZone: Invalid value: "../etc": unknown time zone ../etc'],
  ],
  [
    "the server's zone",
    cronJob({ timeZone: 'Local' }),
    [
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
  ],
  [
    'numbers and enums',
    cronJob({
      concurrencyPolicy: 'Race',
      startingDeadlineSeconds: -1,
      successfulJobsHistoryLimit: -1,
      failedJobsHistoryLimit: -1,
    }),
    [
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.concurrencyPolicy: Unsupported value: "Race": supported values: "Allow", "Forbid", "Replace"',
      'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a template with a selector',
    cronJob({}, { selector: { matchLabels: { a: 'b' } }, manualSelector: true, backoffLimit: -1 }),
    [
      'spec.jobTemplate.spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
  ],
  [
    'a long name',
    { ...cronJob({}), metadata: { name: 'a'.repeat(53) } },
    [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`],
  ],
])('%s', async (_, manifest, causes) => {
  expect(await createCauses(cronJobStrategy, manifest as never)).toEqual(causes);
});

test('a stored schedule with a zone is accepted with a warning', async () => {
  const from = cronJob({ schedule: 'TZ=UTC 0 0 * * *' });
  const { causes, warnings } = await updateOutcome(cronJobStrategy, { from, to: from });
  expect({ causes, warnings }).toEqual({
    causes: [],
    warnings: [
      'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
    ],
  });
  const both = cronJob({ schedule: 'TZ=UTC 0 0 * * *', timeZone: 'UTC' });
  expect((await updateOutcome(cronJobStrategy, { from, to: both })).causes).toEqual([
    'spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
  ]);
});

test('jobs of a schedule are validated as jobs', async () => {
  const causes = (minCount: number) =>
    createCauses(cronJobStrategy, cronJob({}, { scheduling: { schedulingPolicy: { gang: { minCount } } } }), {
      features: ['WorkloadWithJob'],
    });
  expect([await causes(1), await causes(2)]).toEqual([
    [],
    [
      'spec.jobTemplate.spec.scheduling.schedulingPolicy.gang.minCount: Invalid value: 2: must not be greater than parallelism (1)',
    ],
  ]);
});
