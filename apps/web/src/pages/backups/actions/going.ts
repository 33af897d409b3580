import { useIsMutating } from '@tanstack/react-query';

export const removalOf = (backup: string): readonly string[] => ['remove', backup];

/** Whether a backup is being deleted from its page: it is not asked for meanwhile, for it may be gone before the answer. */
export const useGoing = (backup: string): boolean => useIsMutating({ mutationKey: removalOf(backup) }) > 0;
