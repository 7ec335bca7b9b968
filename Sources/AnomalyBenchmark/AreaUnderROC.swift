/// The area under the receiver operating characteristic: how often an anomalous row scores above a
/// normal one, ties counting half. Computed by ranks (Mann & Whitney 1947).
///
/// - Returns: NaN if there are no anomalous or no normal rows.
func areaUnderROC(scores: [Double], isAnomalous: [Bool]) -> Double {
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    let positives = Double(isAnomalous.count { $0 })
    let negatives = Double(isAnomalous.count) - positives
    var rankSum = 0.0
    var first = 0
    while first < order.count {
        var last = first
        while last + 1 < order.count, scores[order[last + 1]] == scores[order[first]] { last += 1 }
        // Equal scores get the mean of their ranks, which count from 1.
        let rank = Double(first + last) / 2 + 1
        rankSum += rank * Double(order[first...last].count { isAnomalous[$0] })
        first = last + 1
    }
    return (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
}
