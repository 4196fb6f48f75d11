declare module '@n8n/scan-community-package/scanner/scanner.mjs' {
	/** Globs of the source files that the scan of a published package checks. */
	export const SOURCE_FILE_PATTERNS: string[];

	/** Lints the files of a folder with the rules that n8n applies to community packages. */
	export function analyzePackage(
		packageDir: string,
		filePatterns?: string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
}
