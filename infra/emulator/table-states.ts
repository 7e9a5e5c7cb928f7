/**
 * What DynamoDB takes its time for, in front of an emulator that does all at once: tables that are being made, changed
 * and deleted, and point-in-time recovery, which the emulator lacks.
 */

export interface ControlCall {
  readonly TableName?: string;
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled?: boolean };
}

export interface Refused {
  readonly type: string;
  readonly message: string;
}

type Answer = Readonly<Record<string, unknown>>;

interface Busy {
  readonly status: 'CREATING' | 'UPDATING' | 'DELETING';
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Operations of whole tables after which those are busy. */
const CHANGES: Readonly<Record<string, Busy['status']>> = {
  CreateTable: 'CREATING',
  DeleteTable: 'DELETING',
  UpdateTable: 'UPDATING',
};

const inUse = (name: string): Refused => ({
  type: 'ResourceInUseException',
  message: `Attempt to change a resource which is still in use: Table is being changed: ${name}`,
});
const notFound = (name: string): Refused => ({
  type: 'ResourceNotFoundException',
  message: `Requested resource not found: Table: ${name} not found`,
});

export class TableStates {
  readonly #takesMs: number;
  readonly #busy = new Map<string, Busy>();
  /** By table, from when on it has backups. */
  readonly #backups = new Map<string, number>();
  readonly #recoverable = new Set<string>();

  /** `takesMs`: what a table takes to be made or deleted. */
  constructor(takesMs: number) {
    this.#takesMs = takesMs;
  }

  /** Has a table's point-in-time recovery on, as its template says. */
  recover(name: string): void {
    this.#recoverable.add(name);
  }

  /** What DynamoDB refuses for the state of a table; the emulator would not. */
  refusal(operation: string, { TableName: name = '' }: ControlCall): Refused | undefined {
    const status = this.#busyOf(name)?.status;
    if (operation === 'UpdateContinuousBackups' && Date.now() < (this.#backups.get(name) ?? 0)) {
      return {
        type: 'ContinuousBackupsUnavailableException',
        message: `Backups are being enabled for the table: ${name}. Please retry later`,
      };
    }
    if (status === undefined || operation === 'DescribeTable') return undefined;
    if (operation in CHANGES || operation === 'UpdateTimeToLive') return inUse(name);
    return status === 'UPDATING' ? undefined : notFound(name);
  }

  /** What DynamoDB answers itself, because the emulator can't; undefined: the emulator is asked. */
  answer(operation: string, call: ControlCall): Answer | undefined {
    const { TableName: name = '' } = call;
    switch (operation) {
      case 'DescribeTable':
        return this.#busyOf(name)?.status === 'DELETING'
          ? { Table: { TableName: name, TableStatus: 'DELETING' } }
          : undefined;
      case 'UpdateContinuousBackups':
        if (call.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled) this.#recoverable.add(name);
        else this.#recoverable.delete(name);
        return this.#backupsOf(name);
      case 'DescribeContinuousBackups':
        return this.#backupsOf(name);
      default:
        return undefined;
    }
  }

  /** Whether `changed` is to see the emulator's answer. */
  alters(operation: string): boolean {
    return operation === 'DescribeTable' || operation in CHANGES;
  }

  /** The emulator's answer to a call that it took, as DynamoDB would have it. */
  changed(operation: string, { TableName: name = '' }: ControlCall, answer: Answer): Answer {
    const status = CHANGES[operation];
    if (status !== undefined) {
      const takesMs = status === 'UPDATING' ? this.#takesMs / 4 : this.#takesMs;
      this.#busy.set(name, { status, until: Date.now() + takesMs });
      if (status === 'CREATING') this.#backups.set(name, Date.now() + 1.5 * takesMs);
      if (status === 'DELETING') this.#recoverable.delete(name);
    }
    const busy = this.#busyOf(name);
    if (operation !== 'DescribeTable' || busy === undefined) return answer;
    return { ...answer, Table: { ...(answer['Table'] as object), TableStatus: busy.status } };
  }

  #busyOf(name: string): Busy | undefined {
    const busy = this.#busy.get(name);
    return busy !== undefined && Date.now() < busy.until ? busy : undefined;
  }

  #backupsOf(name: string): Answer {
    const PointInTimeRecoveryStatus = this.#recoverable.has(name) ? 'ENABLED' : 'DISABLED';
    const PointInTimeRecoveryDescription = { PointInTimeRecoveryStatus };
    return { ContinuousBackupsDescription: { PointInTimeRecoveryDescription } };
  }
}
