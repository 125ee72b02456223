/* What reads files and writes results: fetched when the first file comes, since most visits bring none. */

export { checkFileSize, textOfFile } from '../../core/own-data/file-text';
export { goldInOrder, otherOrder, wordsInOrder } from '../../core/own-data/other-order';
export { isTraceFile, openOwnTrace, TRACE_EXTENSION } from '../../core/own-data/own-trace';
export { carriesLabels } from '../../core/own-data/pasted-lines';
export { resultsTsv } from '../../core/own-data/result-tsv';
export { encodeTrace } from '../../core/trace/trace-writer';
export { OwnFile } from './OwnFile.svelte';
