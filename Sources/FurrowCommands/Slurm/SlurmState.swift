import FurrowSystem

/// SLURM's state of a job.
enum SlurmState {
    /// For example `RUNNING`, `PENDING (Resources)` or `FAILED 1:0`; `nil` if there is no SLURM, it
    /// does not answer, or it no longer knows the job.
    static func of(_ job: String) async -> String? {
        let queued = await ask(["squeue", "--noheader", "--job", job, "--format", "%T (%r)"])
        // For a running job the reason is "None".
        if let queued { return queued.replacing(" (None)", with: "") }
        if let ended = await ask(["scontrol", "--oneliner", "show", "job", job]) {
            let fields = Dictionary(
                ended.split(separator: " ").compactMap { field in
                    let parts = field.split(separator: "=", maxSplits: 1)
                    return parts.count == 2 ? (parts[0], parts[1]) : nil
                },
                uniquingKeysWith: { first, _ in first }
            )
            if let state = fields["JobState"], let code = fields["ExitCode"] {
                return code == "0:0" ? String(state) : "\(state) \(code)"
            }
        }
        return await ask(["sacct", "-X", "-n", "-P", "-j", job, "-o", "State,ExitCode"])?
            .replacing("|", with: " ").replacing(" 0:0", with: "")
    }

    /// The first line of output of a SLURM command.
    private static func ask(_ command: [String]) async -> String? {
        // The job is forgotten, or there is no SLURM: in both cases the state is unknown.
        guard let output = try? await ExternalProgram.output(of: command, limit: .seconds(10)),
            let line = output.split(separator: "\n").first
        else { return nil }
        return String(line)
    }
}
