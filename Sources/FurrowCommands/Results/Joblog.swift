/// GNU parallel's `--joblog` format: a header, then a line for each finished job.
public enum Joblog {
    /// The first line.
    public static let header =
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
}
