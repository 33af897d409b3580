import { entry } from './entry.ts';

/** The part of {@link ERRORS} that tells of backup tools that people have. */
export const TOOL_ERRORS = {
  TOOL_UNREACHABLE: entry(
    502,
    true,
    'The backup tool does not answer',
    'Check that the tool runs, and its address (backup_api, or tool of the source)',
  ),
  TOOL_TIMEOUT: entry(
    504,
    true,
    'The backup tool took too long',
    'Look at the log of the tool; what it made meanwhile is found by the next try',
  ),
  TOOL_ANSWER_INVALID: entry(
    502,
    false,
    'The backup tool answered something that cannot be trusted',
    'Check that a backup tool listens at this address; nothing was recorded from that answer',
  ),
  TOOL_REFUSED: entry(502, false, 'The backup tool refused or failed', 'Read what the tool said, and its log'),
  TOOL_BACKUP_LOST: entry(
    409,
    false,
    'The tool no longer has the backup',
    'Take a new backup; look who deletes at the tool',
  ),
} as const;
