import type { ZPage } from './zpage.ts';

export interface ComponentStatus {
  readonly goVersion: string;
  readonly binaryVersion: string;
  /** A minor release: `1.37`. */
  readonly emulationVersion: string;
  /** The paths listed on the index page. */
  paths(): readonly string[];
  /** Milliseconds since 1970. */
  now(): number;
  readonly started: number;
}

/** Prefixes of paths that don't help with debugging. */
const OTHERS = ['/apis', '/api', '/openid', '/openapi', '/.well-known'];

/** `Mon Jan  2 15:04:05 UTC 2006` */
function unixDate(milliseconds: number): string {
  const [day, date, month, year, time] = new Date(milliseconds).toUTCString().split(/,? /);
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} UTC ${year}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

function uptime(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours} hr ${twoDigits(minutes)} min ${twoDigits(seconds % 60)} sec`;
}

/** `/statusz`: start time and version of a component, and the paths of its other debugging pages. */
export function statusz({ goVersion, binaryVersion, emulationVersion, ...status }: ComponentStatus): ZPage {
  const started = Math.floor(status.started / 1000) * 1000;
  const seconds = () => Math.max(0, Math.floor((status.now() - started) / 1000));
  const paths = () => {
    const folders = status.paths().map((path) => `/${path.split('/')[1]}`);
    return [...new Set(folders)].filter((path) => path !== '/' && !OTHERS.includes(path)).sort();
  };
  return {
    kind: 'Statusz',
    content: () => ({
      startTime: new Date(started).toISOString().replace('.000Z', 'Z'),
      uptimeSeconds: seconds(),
      goVersion,
      binaryVersion,
      emulationVersion,
      paths: paths(),
    }),
    text: () =>
      [
        '',
        `Started: ${unixDate(started)}`,
        `Up: ${uptime(seconds())}`,
        `Go version: ${goVersion}`,
        `Binary version: ${binaryVersion}`,
        `Emulation version: ${emulationVersion}`,
        `Paths: ${paths().join(' ')}`,
        '',
      ].join('\n'),
  };
}
