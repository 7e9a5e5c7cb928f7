/**
 * Emulates DynamoDB's delays in front of an emulator without any: tables being created, changed and deleted, and
 * point-in-time recovery, which the emulator lacks.
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

/** Control operations, and the status of the table after them. */
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
  /** By table: since when it has backups. */
  readonly #backups = new Map<string, number>();
  readonly #recoverable = new Set<string>();

  /** `takesMs`: duration of creating or deleting a table. */
  constructor(takesMs: number) {
    this.#takesMs = takesMs;
  }

  /** Enables a table's point-in-time recovery, as its template does. */
  recover(name: string): void {
    this.#recoverable.add(name);
  }

  /** DynamoDB's refusal because of a table's state, which the emulator lacks. */
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

  /** A response that the emulator can't give; undefined: the call goes to the emulator. */
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

  /** Whether responses to the operation must pass through `changed`. */
  alters(operation: string): boolean {
    return operation === 'DescribeTable' || operation in CHANGES;
  }

  /** Changes the emulator's response to that of DynamoDB. */
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
