import type { SecurityContext } from '../v1/types.ts';

/** Uses Go's names and order; missing values are null. */
function shown<T extends object>(value: T | null | undefined, names: Readonly<Record<string, keyof T>>) {
  if (!value) return null;
  return Object.fromEntries(Object.entries(names).map(([name, field]) => [name, value[field] ?? null]));
}

/** The form in messages: upstream's internal type, which has no JSON names. */
export function shownSecurityContext(context: SecurityContext): object {
  const profile = { Type: 'type', LocalhostProfile: 'localhostProfile' } as const;
  return {
    Capabilities: shown(context.capabilities, { Add: 'add', Drop: 'drop' }),
    Privileged: context.privileged ?? null,
    SELinuxOptions: shown(
      context.seLinuxOptions && { user: '', role: '', type: '', level: '', ...context.seLinuxOptions },
      { User: 'user', Role: 'role', Type: 'type', Level: 'level' },
    ),
    WindowsOptions: shown(context.windowsOptions, {
      GMSACredentialSpecName: 'gmsaCredentialSpecName',
      GMSACredentialSpec: 'gmsaCredentialSpec',
      RunAsUserName: 'runAsUserName',
      HostProcess: 'hostProcess',
    }),
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: shown(context.seccompProfile, profile),
    AppArmorProfile: shown(context.appArmorProfile, profile),
  };
}
