# The model with the highest mean AUROC, from the results of stage "score".
NR > 1 { sum[$2] += $5; count[$2]++ }
END {
    for (model in sum) {
        mean = sum[model] / count[model]
        printf "%s %.6f\n", model, mean
        if (mean > highest) { highest = mean; best = model }
    }
    printf "best %s mean %.6f\n", best, highest
}
